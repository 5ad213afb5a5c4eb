using System.Diagnostics;
using System.Text.Json.Nodes;
using FwRedirect.Lab.Execution;
using FwRedirect.Lab.Network;
using FwRedirect.Lab.Product;
using FwRedirect.Lab.Servers;

namespace FwRedirect.Tests.EndToEnd;

/// <summary>IPv6 that goes away while programs use it, and comes back; nothing passes by the firewall meanwhile. A lab for each test.</summary>
[TestClass]
[TestCategory("Lab")]
[DoNotParallelize]
public sealed class IPv6LossTests : LabTest
{
    private static readonly TimeSpan AtOnce = TimeSpan.FromSeconds(2);

    /// <summary>At most: a firewall that is back serves within 12 s.</summary>
    private static readonly TimeSpan Back = TimeSpan.FromSeconds(20);

    private static readonly string Url = $"http://[{LabAddresses.ServerV6}]/";

    private LabRoad? _road;

    private LabRoad Road => _road!;

    [TestCleanup]
    public async Task CloseRoad()
    {
        if (_road is null) return;
        if (TestContext.CurrentTestOutcome != UnitTestOutcome.Passed) TestContext.WriteLine(_road.Log());
        await _road.DisposeAsync();
    }

    [TestMethod]
    public async Task A_broken_road_of_IPv6_leaves_IPv4_whole_and_its_addresses_are_withheld()
    {
        await OpenAsync();
        Assert.AreEqual(LabAddresses.ServerV6, (await RemoteAsync("http://www.contoso.com/")).OrThrow().Output);
        (await Road.Network.Firewall.RunAsync("ip6tables", ["-A", "INPUT", "-i", "inside", "-p", "tcp", "-j", "DROP"], cancellation: Cancellation)).OrThrow();

        long started = Stopwatch.GetTimestamp();
        Assert.AreEqual(7, (await CurlAsync(Road, "-6", Url)).ExitCode);
        Assert.IsLessThan(TimeSpan.FromSeconds(3), Stopwatch.GetElapsedTime(started));
        // From here on it is known.
        started = Stopwatch.GetTimestamp();
        Assert.AreEqual(7, (await CurlAsync(Road, "-6", Url)).ExitCode);
        Assert.AreEqual(LabAddresses.Server, (await RemoteAsync("http://www.contoso.com/")).OrThrow().Output);
        Assert.AreEqual(6, (await CurlAsync(Road, "-6", "http://v6.contoso.com/")).ExitCode, "there is no address to be had");
        Assert.IsLessThan(AtOnce, Stopwatch.GetElapsedTime(started));

        (await Road.Network.Firewall.RunAsync("ip6tables", ["-F", "INPUT"], cancellation: Cancellation)).OrThrow();
        await Until.TrueAsync(async () => (await CurlAsync(Road, "-6", "http://v6.contoso.com/")).ExitCode == 0, () => "IPv6 is not back", Cancellation, Back);
    }

    /// <summary>The reverse: names are looked up and IPv6 is carried while IPv4 is broken.</summary>
    [TestMethod]
    public async Task A_broken_road_of_IPv4_leaves_IPv6_whole()
    {
        await OpenAsync();
        (await Road.Network.Firewall.RunAsync("iptables", ["-A", "INPUT", "-i", "inside", "-p", "tcp", "-j", "DROP"], cancellation: Cancellation)).OrThrow();
        Assert.AreEqual(7, (await CurlAsync(Road, "-4", $"http://{LabAddresses.Server}/")).ExitCode);
        Assert.AreEqual(WebServer.IndexText, (await CurlAsync(Road, "-6", Url)).OrThrow().Output);
        Assert.AreEqual(WebServer.IndexText, (await CurlAsync(Road, "-6", "http://v6.contoso.com/")).OrThrow().Output);
    }

    [TestMethod]
    public async Task A_firewall_that_is_listed_by_IPv6_tells_its_IPv4()
    {
        await OpenAsync(["--Firewall", $"[{LabAddresses.FirewallInsideV6}]:1745"]);
        Assert.AreEqual(WebServer.IndexText, (await CurlAsync(Road, "-6", Url)).OrThrow().Output);
        Assert.AreEqual(WebServer.IndexText, (await CurlAsync(Road, "-4", "http://www.contoso.com/")).OrThrow().Output);
    }

    [TestMethod]
    public async Task A_killed_redirector_still_refuses_and_a_stop_leaves_nothing()
    {
        await OpenAsync();
        Assert.AreEqual(WebServer.IndexText, (await CurlAsync(Road, "-6", Url)).OrThrow().Output);
        Assert.Contains("default dev lo", (await RoutesAsync()).OrThrow().Output);
        await Road.KillRedirectorAsync();
        await Until.TrueAsync(async () => !(await RulesAsync()).Contains("NFQUEUE", StringComparison.Ordinal), () => "the guard has not removed the queues' rules", Cancellation, Back);
        long started = Stopwatch.GetTimestamp();
        Assert.AreEqual(7, (await CurlAsync(Road, "-6", Url)).ExitCode);
        Assert.IsLessThan(AtOnce, Stopwatch.GetElapsedTime(started));
        await Road.StartRedirectorAsync(Cancellation);
        Assert.AreEqual(WebServer.IndexText, (await CurlAsync(Road, "-6", Url)).OrThrow().Output);
        await Road.Redirector!.StopAsync();
        Assert.DoesNotContain("FWREDIRECT", await RulesAsync());
        Assert.DoesNotContain("default", (await RoutesAsync()).OrThrow().Output);
    }

    [TestMethod]
    public async Task A_killed_firewall_resets_and_comes_back_without_IPv6()
    {
        await OpenAsync();
        Assert.AreEqual(WebServer.IndexText, (await CurlAsync(Road, "-6", Url)).OrThrow().Output);
        await Road.KillFirewallAsync();
        long started = Stopwatch.GetTimestamp();
        Assert.AreEqual(7, (await CurlAsync(Road, "-6", Url)).ExitCode);
        Assert.IsLessThan(AtOnce, Stopwatch.GetElapsedTime(started));

        string file = Road.FirewallProgram.ConfigurationFile;
        JsonObject configuration = JsonNode.Parse(await File.ReadAllTextAsync(file, Cancellation))!.AsObject();
        configuration["InternalAddresses"] = new JsonArray(LabAddresses.FirewallInside);
        configuration.Remove("ExternalAddressIPv6");
        await File.WriteAllTextAsync(file, configuration.ToJsonString(), Cancellation);
        await Road.StartFirewallAsync(Cancellation);
        await Until.TrueAsync(async () => (await CurlAsync(Road, "-4", "http://www.contoso.com/")).ExitCode == 0, () => "the firewall is not back", Cancellation, Back);
        Assert.AreEqual(7, (await CurlAsync(Road, "-6", Url)).ExitCode);
        Assert.AreEqual(LabAddresses.Server, (await RemoteAsync("http://www.contoso.com/")).OrThrow().Output);
    }

    private async Task OpenAsync(string[]? redirectorArguments = null)
    {
        NeedServices();
        _road = await LabRoad.OpenAsync(Mode, redirectorArguments: redirectorArguments, ipv6: LabIPv6.Firewall, cancellation: Cancellation);
    }

    private Task<CommandResult> RemoteAsync(string url) => CurlAsync(Road, "--output", "/dev/null", "--write-out", "%{remote_ip}", url);

    private Task<CommandResult> RoutesAsync() => Road.Network.Client.RunAsync("ip", ["-6", "route"], cancellation: Cancellation);

    private async Task<string> RulesAsync() => (await Road.Network.Client.RunAsync("ip6tables-save", [], cancellation: Cancellation)).OrThrow().Output;
}
