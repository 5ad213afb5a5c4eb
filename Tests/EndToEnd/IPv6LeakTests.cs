using System.Diagnostics;
using System.Globalization;
using FwRedirect.Lab.Execution;
using FwRedirect.Lab.Network;
using FwRedirect.Lab.Product;
using FwRedirect.Lab.Servers;

namespace FwRedirect.Tests.EndToEnd;

/// <summary>
/// A client with an IPv6 road of its own past a firewall that has none: nothing takes it unless the administrator says so, and programs are told at once. The router counts what it forwards.
/// </summary>
[TestClass]
[TestCategory("Lab")]
[DoNotParallelize]
public sealed class IPv6LeakTests : LabTest
{
    private static readonly TimeSpan AtOnce = TimeSpan.FromSeconds(1);

    private static LabRoad? _road;

    [TestInitialize]
    public async Task OpenRoad()
    {
        NeedServices();
        if (_road is not null) return;
        _road = await LabRoad.OpenAsync(Mode, cancellation: Cancellation, ipv6: LabIPv6.Router);
        // A packet counter on the router: everything that comes from the client's network.
        (await _road.Network.Firewall.RunAsync("ip6tables", ["-A", "FORWARD", "-i", "inside"], cancellation: Cancellation)).OrThrow();
        // The first start of programs and the logon take their time under load; what is measured is the refusal.
        (await CurlAsync(_road, $"http://{LabAddresses.ServerName}/")).OrThrow();
    }

    [TestCleanup]
    public void ShowLogs()
    {
        if (TestContext.CurrentTestOutcome != UnitTestOutcome.Passed && _road is not null) TestContext.WriteLine(_road.Log());
    }

    [ClassCleanup]
    public static async Task CloseRoad()
    {
        if (_road is not null) await _road.DisposeAsync();
        _road = null;
    }

    [TestMethod]
    [DataRow("curl -6 --silent --show-error --max-time 20 http://[2001:db8:2::21]/", 7, DisplayName = "curl -6: connection refused")]
    [DataRow("curl -6 --silent --show-error --max-time 20 http://v6.contoso.com/", 6, DisplayName = "curl -6 by name: no address")]
    [DataRow("ping -6 -n -c 1 -W 20 2001:db8:2::21", 1, DisplayName = "ping -6")]
    [DataRow("nc -6 -v -z -w 20 2001:db8:2::21 80", 1, DisplayName = "nc -6")]
    public async Task It_is_refused_at_once_and_leaks_nothing(string command, int exitCode)
    {
        long before = await ForwardedAsync();
        long started = Stopwatch.GetTimestamp();
        CommandResult result = await RunAsync(command);
        TimeSpan took = Stopwatch.GetElapsedTime(started);
        Assert.AreEqual(exitCode, result.ExitCode, $"{result.Output}\n{result.Error}");
        Assert.IsLessThan(AtOnce, took, $"{result.Output}\n{result.Error}");
        Assert.AreEqual(before, await ForwardedAsync());
    }

    /// <summary>The sender is told at its next call (udp(7)): the first datagram is gone, the read after it fails.</summary>
    [TestMethod]
    public async Task A_datagram_is_refused_at_once()
    {
        const string Program = """
            import errno, socket, time
            s = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
            s.settimeout(20)
            s.connect(('2001:db8:2::21', 9999))
            began = time.monotonic()
            s.send(b'x')
            try: s.recv(1)
            except OSError as e: print(errno.errorcode.get(e.errno, e), time.monotonic() - began < 1)
            """;
        long before = await ForwardedAsync();
        CommandResult result = await _road!.Network.Client.RunAsync("python3", ["-c", Program], cancellation: Cancellation);
        Assert.AreEqual("EACCES True\n", result.OrThrow().Output);
        Assert.AreEqual(before, await ForwardedAsync());
    }

    /// <summary>Names over IPv6 are answered as those over IPv4 are, by the firewall; also those asked of a router that tells only its link-local address.</summary>
    [TestMethod]
    [DataRow("2001:db8:2::2", "www.contoso.com A", "131.107.0.21\n")]
    [DataRow("2001:db8:2::2", "www.contoso.com AAAA", "")]
    [DataRow("2001:db8:2::2", "+tcp www.contoso.com A", null)]
    [DataRow("fe80::1%inside", "www.contoso.com A", "131.107.0.21\n")]
    public async Task Names_over_IPv6_do_not_pass_by_the_firewall(string server, string question, string? expected)
    {
        long before = await ForwardedAsync();
        long started = Stopwatch.GetTimestamp();
        CommandResult result = await RunAsync($"dig @{server} +short +time=20 +tries=1 {question}");
        Assert.IsLessThan(AtOnce, Stopwatch.GetElapsedTime(started), result.Output);
        if (expected is not null) Assert.AreEqual(expected, result.OrThrow().Output);
        else Assert.AreNotEqual(0, result.ExitCode, result.Output);
        Assert.AreEqual(before, await ForwardedAsync());
    }

    /// <summary>The address of IPv6 first, as a program that has it from elsewhere than DNS: it goes on with IPv4 (RFC 8305).</summary>
    [TestMethod]
    public async Task A_program_with_both_addresses_uses_IPv4_at_once()
    {
        long started = Stopwatch.GetTimestamp();
        CommandResult result = await RunAsync($"curl --silent --show-error --max-time 20 --resolve both.example:80:[{LabAddresses.ServerV6}],{LabAddresses.Server} http://both.example/");
        Assert.AreEqual(WebServer.IndexText, result.OrThrow().Output);
        Assert.IsLessThan(AtOnce, Stopwatch.GetElapsedTime(started));
    }

    [TestMethod]
    public async Task What_is_on_link_is_reached_as_ever()
    {
        (await RunAsync($"ping -6 -n -c 1 -W 5 {LabAddresses.FirewallInsideV6}")).OrThrow();
        CommandResult refused = await RunAsync($"curl -6 --silent --show-error http://[{LabAddresses.FirewallInsideV6}]:81/");
        Assert.AreEqual(7, refused.ExitCode, refused.Error);
        Assert.DoesNotContain($"[{LabAddresses.FirewallInsideV6}]:81", _road!.Redirector!.Log());
    }

    [TestMethod]
    public async Task Killed_it_still_refuses_and_after_a_stop_and_with_direct_it_goes()
    {
        string url = $"http://[{LabAddresses.ServerV6}]/";
        await using LabRoad road = await LabRoad.OpenAsync(Mode, cancellation: Cancellation, ipv6: LabIPv6.Router);
        await road.KillRedirectorAsync();
        await WaitForGuardAsync(road);
        Assert.AreEqual(7, (await CurlAsync(road, "-6", "--max-time", "20", url)).ExitCode);
        Assert.AreNotEqual(0, (await road.Network.Client.RunAsync("ping", ["-6", "-n", "-c", "1", "-W", "5", LabAddresses.ServerV6], cancellation: Cancellation)).ExitCode);

        var program = new RedirectorProgram(road.Network) { Arguments = ["--WhenFirewallHasNoIPv6", "Direct"] };
        await using (LabProcess redirector = await program.StartAsync(Cancellation))
        {
            Assert.AreEqual(WebServer.IndexText, (await CurlAsync(road, "-6", url)).OrThrow().Output);
            Assert.AreEqual(WebServer.IndexText, (await CurlAsync(road, "-6", "http://v6.contoso.com/")).OrThrow().Output);
            (await road.Network.Client.RunAsync("ping", ["-6", "-n", "-c", "1", "-W", "5", LabAddresses.ServerV6], cancellation: Cancellation)).OrThrow();
            Assert.Contains("without the firewall, which has no IPv6", redirector.Log());
            await redirector.StopAsync();
        }

        Assert.AreEqual(WebServer.IndexText, (await CurlAsync(road, "-6", url)).OrThrow().Output);
        Assert.DoesNotContain("FWREDIRECT", (await road.Network.Client.RunAsync("ip6tables-save", [], cancellation: Cancellation)).OrThrow().Output);
    }

    /// <summary>The guard's last act takes a moment: until the queue's rules are gone, they bypass and the chain behind them refuses. Both are right; what is asked for here is the end.</summary>
    private async Task WaitForGuardAsync(LabRoad road)
    {
        for (int round = 0; round < 250; round++)
        {
            CommandResult rules = await road.Network.Client.RunAsync("ip6tables-save", [], cancellation: Cancellation);
            if (!rules.Output.Contains("NFQUEUE", StringComparison.Ordinal)) return;
            await Task.Delay(TimeSpan.FromMilliseconds(20), Cancellation);
        }

        Assert.Fail("the guard has not removed the queues' rules");
    }

    private Task<CommandResult> RunAsync(string command)
    {
        string[] words = command.Split(' ');
        return _road!.Network.Client.RunAsync(words[0], words[1..], cancellation: Cancellation);
    }

    /// <summary>Packets that the router has taken from the client's side so far.</summary>
    private async Task<long> ForwardedAsync()
    {
        CommandResult rules = await _road!.Network.Firewall.RunAsync("ip6tables", ["-L", "FORWARD", "-v", "-x", "-n"], cancellation: Cancellation);
        return long.Parse(rules.OrThrow().Output.Split('\n')[2].Split(' ', StringSplitOptions.RemoveEmptyEntries)[0], CultureInfo.InvariantCulture);
    }
}
