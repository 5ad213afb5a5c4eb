using System.Net;
using System.Text.Json.Nodes;
using FwRedirect.Lab.Execution;
using FwRedirect.Lab.Network;
using FwRedirect.Lab.Product;

namespace FwRedirect.Tests.EndToEnd;

/// <summary>`ProxyBindIp` with a firewall of two outside addresses, and `Persistent` with a firewall that is killed.</summary>
[TestClass]
[TestCategory("Lab")]
[DoNotParallelize]
public sealed class BindingSettingTests : SharedLab<BindingSettingTests>
{
    private const int OnSecondAddress = 7200, OnFirstAddress = 7201, OnForeignAddress = 7202, OfServer = 7203;
    private const int Persistent = 7300, Passing = 7301;

    protected override void NeedPrograms() => NeedServices();

    protected override async Task PrepareAsync()
    {
        (await Road.Network.Firewall.RunAsync("ip", ["address", "add", $"{LabAddresses.SecondFirewallOutside}/24", "dev", "outside"], cancellation: Cancellation)).OrThrow();
        JsonNode configuration = JsonNode.Parse(await File.ReadAllTextAsync(Road.FirewallProgram.ConfigurationFile, Cancellation))!;
        configuration["MoreExternalAddresses"] = new JsonArray(LabAddresses.SecondFirewallOutside);
        await File.WriteAllTextAsync(Road.FirewallProgram.ConfigurationFile, configuration.ToJsonString(), Cancellation);
        await Road.Firewall!.StopAsync();
        await Road.StartFirewallAsync(Cancellation);
        await ApplicationSettings.UseAsync(
            Road,
            new JsonObject
            {
                ["nc.openbsd"] = new JsonObject
                {
                    ["ServerBindTcpPorts"] = "7200-7299",
                    ["ProxyBindIp"] = $"{OnSecondAddress}:{LabAddresses.SecondFirewallOutside},{OnForeignAddress}:{LabAddresses.Server}",
                },
                ["perl"] = new JsonObject { ["Persistent"] = true },
            },
            Cancellation);
    }

    [TestMethod]
    public async Task A_port_is_bound_at_the_address_that_ProxyBindIp_names_and_there_alone()
    {
        await using LabProcess named = Listen(OnSecondAddress);
        await using LabProcess other = Listen(OnFirstAddress);
        Assert.AreEqual($"{LabAddresses.SecondFirewallOutside}:{OnSecondAddress}", await OutsideOfAsync(OnSecondAddress));
        Assert.AreEqual($"{LabAddresses.FirewallOutside}:{OnFirstAddress}", await OutsideOfAsync(OnFirstAddress));
        await SendAsync(LabAddresses.SecondFirewallOutside, OnSecondAddress, "to the second");
        await named.WaitForLineAsync(line => line == "to the second", TimeSpan.FromSeconds(10), Cancellation);
        await SendAsync(LabAddresses.FirewallOutside, OnFirstAddress, "to the first");
        await other.WaitForLineAsync(line => line == "to the first", TimeSpan.FromSeconds(10), Cancellation);
        await AssertRefusedAsync(LabAddresses.FirewallOutside, OnSecondAddress);
        await AssertRefusedAsync(LabAddresses.SecondFirewallOutside, OnFirstAddress);
    }

    [TestMethod]
    public async Task An_address_that_is_not_the_firewalls_is_said()
    {
        await using LabProcess program = Listen(OnForeignAddress);
        JsonNode binding = await BindingAsync(OnForeignAddress, "Waiting");
        Assert.StartsWith("WSAEADDRNOTAVAIL", (string?)binding["reason"]);
    }

    /// <summary>perl is Persistent and its ports stand in no list; python3 likewise, without Persistent; nc is published.</summary>
    [TestMethod]
    public async Task What_is_persistent_is_bound_again_when_the_firewall_is_back_however_long_that_took()
    {
        await using LabProcess persistent = Road.Network.Client.Start("perl", new LabCommand(
            "perl", "-MIO::Socket::INET", "-E",
            $"$| = 1; my $c = IO::Socket::INET->new('{LabAddresses.Server}:{LabAddresses.EchoPort}') or die $!;"
            + $"my $s = IO::Socket::INET->new(LocalPort => {Persistent}, Listen => 5, ReuseAddr => 1) or die $!; while (my $a = $s->accept) {{ print scalar <$a> }}"));
        await using LabProcess passing = Road.Network.Client.Start("python", new LabCommand(
            "python3", "-c",
            $"import socket, time; c = socket.create_connection(('{LabAddresses.Server}', {LabAddresses.EchoPort})); s = socket.create_server(('', {Passing})); time.sleep(120)"));
        await using LabProcess published = Listen(OfServer);
        foreach (int port in new[] { Persistent, Passing, OfServer })
            await OutsideOfAsync(port);
        string outside = await OutsideOfAsync(Persistent);

        await Road.KillFirewallAsync();
        // Longer than the first time that it is asked for again: that one finds nobody.
        await Task.Delay(TimeSpan.FromSeconds(4), Cancellation);
        await BindingAsync(Persistent, "Waiting");
        await BindingAsync(Passing, "NotListening");
        await Road.StartFirewallAsync(Cancellation);

        Assert.AreEqual(outside, await OutsideOfAsync(Persistent));
        await OutsideOfAsync(OfServer);
        await SendAsync(LabAddresses.FirewallOutside, IPEndPoint.Parse(outside).Port, "again");
        await persistent.WaitForLineAsync(line => line == "again", TimeSpan.FromSeconds(10), Cancellation);
        await BindingAsync(Passing, "NotListening");
        await AssertRefusedAsync(LabAddresses.FirewallOutside, Passing);
    }

    private static LabProcess Listen(int port) => Road.Network.Client.Start($"nc-{port}", new LabCommand("nc", "-lk", "-d", $"{port}"));

    private async Task<string> OutsideOfAsync(int port) => (string)(await BindingAsync(port, "Listening"))["outside"]!;

    /// <summary>The redirector's word of the socket that listens on this port; a firewall that is back is found within 12 s, and asked again within 5.</summary>
    private async Task<JsonNode> BindingAsync(int port, string state)
    {
        JsonNode? found = null;
        JsonNode? status = null;
        for (int round = 0; round < 400 && found is null; round++)
        {
            if (round > 0) await Task.Delay(TimeSpan.FromMilliseconds(50), Cancellation);
            status = await StatusReader.GetAsync(Road.RedirectorProgram.StatusSocket, "/status", Cancellation);
            found = status["bindings"]!.AsArray().FirstOrDefault(one => IPEndPoint.Parse((string)one!["client"]!).Port == port && (string?)one["state"] == state);
        }

        return found ?? throw new LabException($"port {port} is not {state}\n{status}");
    }

    private async Task SendAsync(string address, int port, string line) =>
        (await Road.Network.Outside.RunAsync("nc", ["-N", "-w", "5", address, $"{port}"], input: line + "\n", cancellation: Cancellation)).OrThrow();

    private async Task AssertRefusedAsync(string address, int port)
    {
        CommandResult result = await Road.Network.Outside.RunAsync("nc", ["-v", "-z", "-w", "5", address, $"{port}"], cancellation: Cancellation);
        Assert.Contains("refused", result.Error);
    }
}
