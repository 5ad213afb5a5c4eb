using System.Text.Json.Nodes;
using FwRedirect.Lab.Execution;
using FwRedirect.Lab.Network;
using FwRedirect.Lab.Product;

namespace FwRedirect.Tests.EndToEnd;

/// <summary>
/// Rules and settings on a client that has a way of its own: the firewall machine's address 10.9.9.9, which is reached directly and refused by the firewall. Whoever gets an answer from
/// there went by itself.
/// </summary>
[TestClass]
[TestCategory("Lab")]
[DoNotParallelize]
public sealed class RuleTests : LabTest
{
    private const string Direct = "10.9.9.9";
    private const int DirectPort = 3130;

    private static LabRoad? _road;
    private static LabProcess? _directServer;
    private static string _firewallKeys = "";
    private static string _redirectorKeys = "";

    [TestInitialize]
    public async Task OpenRoad()
    {
        NeedServices();
        _road ??= await OpenAsync();
    }

    [TestCleanup]
    public void ShowLogs()
    {
        if (TestContext.CurrentTestOutcome != UnitTestOutcome.Passed && _road is not null) TestContext.WriteLine(_road.Log());
    }

    [ClassCleanup]
    public static async Task CloseRoad()
    {
        if (_directServer is not null) await _directServer.DisposeAsync();
        if (_road is not null) await _road.DisposeAsync();
        (_road, _directServer) = (null, null);
    }

    [TestMethod]
    public async Task A_disabled_program_goes_its_own_way_and_others_do_not()
    {
        await SetAsync(client: """{ "Applications": { "curl": { "Disable": true } } }""");
        Assert.AreEqual("direct\n", (await CurlAsync(Road, $"http://{Direct}:{DirectPort}/")).OrThrow().Output);
        await ExpectBashAsync($"exec 3<>/dev/tcp/{Direct}/{DirectPort}", "No route to host");
        Assert.Contains("without the firewall: Disable=1 of curl, fwredirect.json", Road.Redirector!.Log());
    }

    [TestMethod]
    public async Task A_path_names_one_program_only()
    {
        string curl = (await Road.Network.Client.RunAsync("which", ["curl"], cancellation: Cancellation)).OrThrow().Output.Trim();
        string resolved = (await Road.Network.Client.RunAsync("readlink", ["-f", curl], cancellation: Cancellation)).OrThrow().Output.Trim();
        await SetAsync(client: $$"""{ "Applications": { "/opt/other/curl": { "Disable": true } } }""");
        Assert.AreEqual(7, (await CurlAsync(Road, $"http://{Direct}:{DirectPort}/")).ExitCode);
        await SetAsync(client: $$"""{ "Applications": { "{{resolved}}": { "Disable": true } } }""");
        (await CurlAsync(Road, $"http://{Direct}:{DirectPort}/")).OrThrow();
    }

    [TestMethod]
    public async Task Ports_may_be_kept_from_the_firewall()
    {
        await SetAsync(client: """{ "Applications": { "*": { "DontRemoteOutboundTcpPorts": "3127-3198" } } }""");
        (await CurlAsync(Road, $"http://{Direct}:{DirectPort}/")).OrThrow();
        (await CurlAsync(Road, $"http://{LabAddresses.Server}/")).OrThrow();
        Assert.Contains($"{LabAddresses.Server}:80 through {LabAddresses.FirewallInside}", Road.Redirector!.Log());
    }

    [TestMethod]
    public async Task A_blocked_program_is_refused_at_once_and_the_firewall_hears_nothing()
    {
        await SetAsync(client: """{ "Rules": [ { "Name": "no curl", "Action": "block", "Applications": ["curl"] } ] }""");
        var started = System.Diagnostics.Stopwatch.StartNew();
        Assert.AreEqual(7, (await CurlAsync(Road, $"http://{LabAddresses.Server}/")).ExitCode);
        Assert.IsLessThan(TimeSpan.FromSeconds(2), started.Elapsed);
        Assert.AreEqual(6, (await CurlAsync(Road, $"http://{LabAddresses.ServerName}/")).ExitCode);
        await ExpectBashAsync($"exec 3<>/dev/tcp/{LabAddresses.Server}/80 && echo open", "open");
        Assert.Contains("is blocked: rule 'no curl', fwredirect.json", Road.Redirector!.Log());
        Assert.DoesNotContain("curl of", Road.Firewall!.Log());
    }

    [TestMethod]
    public async Task A_domain_pattern_blocks_names_and_what_they_led_to()
    {
        await SetAsync(client: """{ "Rules": [ { "Name": "no files", "Action": "block", "Destinations": ["*.files.contoso.com", "download.contoso.com"] } ] }""");
        CommandResult refused = await Road.Network.Client.RunAsync("dig", ["+tries=1", "download.contoso.com"], cancellation: Cancellation);
        Assert.Contains("status: REFUSED", refused.Output);
        (await CurlAsync(Road, $"http://{LabAddresses.ServerName}/")).OrThrow();

        // With ports the name is told, and the connection refused by the name that the program used.
        await SetAsync(client: """{ "Rules": [ { "Name": "no web", "Action": "block", "Destinations": ["download.contoso.com"], "Ports": ["80"] } ] }""");
        Assert.AreEqual(7, (await CurlAsync(Road, "http://download.contoso.com/")).ExitCode);
        Assert.Contains("is blocked: rule 'no web', fwredirect.json", Road.Redirector!.Log());
    }

    [TestMethod]
    public async Task What_the_running_firewall_sets_counts_on_the_running_client()
    {
        await SetAsync();
        Assert.AreEqual(7, (await CurlAsync(Road, $"http://{Direct}:{DirectPort}/")).ExitCode);
        int client = Road.Redirector!.Id;
        await PushAsync("""{ "Applications": { "curl": { "Disable": true } } }""");
        (await CurlAsync(Road, $"http://{Direct}:{DirectPort}/")).OrThrow();
        await PushAsync("""{ "Applications": { } }""");
        Assert.AreEqual(7, (await CurlAsync(Road, $"http://{Direct}:{DirectPort}/")).ExitCode);
        Assert.AreEqual(client, Road.Redirector!.Id);
    }

    [TestMethod]
    public async Task Local_addresses_of_the_firewall_come_and_go()
    {
        await SetAsync();
        await PushAsync($$"""{ "LocalAddresses": ["192.168.0.0/24", "{{Direct}}"] }""");
        (await CurlAsync(Road, $"http://{Direct}:{DirectPort}/")).OrThrow();
        await PushAsync("""{ "LocalAddresses": ["192.168.0.0/24"] }""");
        Assert.AreEqual(7, (await CurlAsync(Road, $"http://{Direct}:{DirectPort}/")).ExitCode);
    }

    [TestMethod]
    public async Task Local_addresses_that_were_there_at_the_start_go_too()
    {
        await SetAsync(firewall: $$"""{ "LocalAddresses": ["192.168.0.0/24", "{{Direct}}"] }""");
        (await CurlAsync(Road, $"http://{Direct}:{DirectPort}/")).OrThrow();
        await PushAsync("""{ "LocalAddresses": ["192.168.0.0/24"] }""");
        Assert.AreEqual(7, (await CurlAsync(Road, $"http://{Direct}:{DirectPort}/")).ExitCode);
    }

    [TestMethod]
    [DataRow(true, DisplayName = "the client's entry wins")]
    [DataRow(false, DisplayName = "the firewall's entry wins")]
    public async Task The_firewall_says_whose_entry_wins(bool clientWins)
    {
        await SetAsync(
            client: """{ "Applications": { "curl": { "Disable": true } } }""",
            firewall: $$"""{ "ClientEntriesWin": {{(clientWins ? "true" : "false")}}, "Applications": { "curl": { "Disable": false } } }""");
        Assert.AreEqual(clientWins ? 0 : 7, (await CurlAsync(Road, $"http://{Direct}:{DirectPort}/")).ExitCode);
    }

    [TestMethod]
    public async Task A_wrong_configuration_changes_nothing_and_rules_are_read_again()
    {
        await SetAsync();
        await PushAsync("""{ "Rules": [ { "Name": "no web", "Action": "Deny", "Ports": ["80"] }, { "Name": "all", "Action": "Allow" } ] }""", "are in force");
        Assert.AreEqual(7, (await CurlAsync(Road, $"http://{LabAddresses.Server}/")).ExitCode);
        await PushAsync("""{ "Rules": [ { "Name": "all", "Action": "Alow" } ] }""", "\"Alow\" is not Allow or Deny");
        Assert.AreEqual(7, (await CurlAsync(Road, $"http://{LabAddresses.Server}/")).ExitCode);
        await PushAsync("{ }", "are in force");
        (await CurlAsync(Road, $"http://{LabAddresses.Server}/")).OrThrow();
    }

    [TestMethod]
    public async Task Names_are_looked_up_where_the_setting_says()
    {
        await SetAsync(client: """{ "Applications": { "dig": { "NameResolution": "L" } } }""");
        // The name server stands outside: nobody answers there without the firewall.
        CommandResult local = await Road.Network.Client.RunAsync("dig", ["+tries=1", "+time=1", LabAddresses.ServerName], cancellation: Cancellation);
        Assert.AreNotEqual(0, local.ExitCode);
        (await CurlAsync(Road, $"http://{LabAddresses.ServerName}/")).OrThrow();
    }

    private static LabRoad Road => _road!;

    private static async Task<LabRoad> OpenAsync()
    {
        LabRoad road = await LabRoad.OpenAsync(Mode);
        foreach (string[] arguments in new[] { ["-n", road.Network.Firewall.Name, "address", "add", $"{Direct}/32", "dev", "lo"], new[] { "-n", road.Network.Client.Name, "route", "add", "default", "via", LabAddresses.FirewallInside } })
            (await new LabCommand("ip", arguments).RunAsync()).OrThrow();
        _directServer = road.Network.Firewall.Start("direct", new LabCommand(
            "socat", $"TCP-LISTEN:{DirectPort},bind={Direct},reuseaddr,fork", "SYSTEM:'while read -r line && [ ${#line} -gt 1 ]; do :; done; printf \"HTTP/1.0 200 OK\\r\\nContent-Length: 7\\r\\n\\r\\ndirect\\n\"'"));
        _firewallKeys = await File.ReadAllTextAsync(road.FirewallProgram.ConfigurationFile);
        _redirectorKeys = await File.ReadAllTextAsync(road.RedirectorProgram.ConfigurationFile);
        return road;
    }

    /// <summary>Both services anew, with these keys over those of their files.</summary>
    private async Task SetAsync(string client = "{ }", string firewall = "{ }")
    {
        await Road.Redirector!.DisposeAsync();
        await Road.Firewall!.DisposeAsync();
        Write(Road.FirewallProgram.ConfigurationFile, _firewallKeys, firewall);
        Write(Road.RedirectorProgram.ConfigurationFile, _redirectorKeys, client);
        await Road.StartFirewallAsync(Cancellation);
        await Road.StartRedirectorAsync(Cancellation);
    }

    /// <summary>The firewall's file changes while both run. Returns when the firewall has said this, or else when the client says that new settings are in force.</summary>
    private async Task PushAsync(string firewall, string? firewallSays = null)
    {
        LabProcess process = firewallSays is null ? Road.Redirector! : Road.Firewall!;
        bool Says(string line) => line.Contains(firewallSays ?? "of the firewall", StringComparison.Ordinal) && (firewallSays is not null || line.Contains("are in force", StringComparison.Ordinal));
        int before = process.Lines.Count(Says);
        int seen = 0;
        Write(Road.FirewallProgram.ConfigurationFile, _firewallKeys, firewall);
        await process.WaitForLineAsync(line => Says(line) && ++seen > before, TimeSpan.FromSeconds(20), Cancellation);
    }

    /// <summary>As an editor does it: a new file takes the place of the old one.</summary>
    private static void Write(string file, string usual, string keys)
    {
        JsonObject configuration = JsonNode.Parse(usual)!.AsObject();
        foreach ((string key, JsonNode? value) in JsonNode.Parse(keys)!.AsObject())
            configuration[key] = value?.DeepClone();
        File.WriteAllText($"{file}.new", configuration.ToJsonString());
        File.Move($"{file}.new", file, overwrite: true);
    }

    private async Task ExpectBashAsync(string script, string says)
    {
        CommandResult result = await Road.Network.Client.RunAsync("bash", ["-c", script], cancellation: Cancellation);
        Assert.Contains(says, result.Output + result.Error);
    }
}
