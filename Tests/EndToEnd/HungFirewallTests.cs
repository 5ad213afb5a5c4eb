using FwRedirect.Lab.Execution;
using FwRedirect.Lab.Network;
using FwRedirect.Lab.Product;

namespace FwRedirect.Tests.EndToEnd;

/// <summary>fwhost is stopped by SIGSTOP: its system goes on taking connections for it, and nothing is answered. SIGCONT brings it back.</summary>
[TestClass]
[TestCategory("Lab")]
[DoNotParallelize]
public sealed class HungFirewallTests : LabTest
{
    /// <summary>What WhenFirewallUnreachable promises.</summary>
    private static readonly TimeSpan Decision = TimeSpan.FromSeconds(2);

    private static readonly TimeSpan AtOnce = TimeSpan.FromSeconds(0.5);
    private static readonly TimeSpan Back = TimeSpan.FromSeconds(12);
    private static readonly string Page = $"http://{LabAddresses.Server}/";

    private LabRoad? _road;

    private LabRoad Road => _road!;

    [TestCleanup]
    public async Task CloseRoad()
    {
        if (_road is null) return;
        if (TestContext.CurrentTestOutcome != UnitTestOutcome.Passed) TestContext.WriteLine(_road.Log());
        // One that is stopped can not end in order.
        if (_road.Firewall is { HasExited: false } firewall) PosixSignals.Send(firewall.Id, PosixSignals.Continue);
        await _road.DisposeAsync();
    }

    [TestMethod]
    [DataRow(false, DisplayName = "no channel yet")]
    [DataRow(true, DisplayName = "an open channel")]
    public async Task New_connections_are_refused_in_two_seconds_and_served_again_when_it_goes_on(bool hasChannel)
    {
        await OpenRoadAsync();
        if (hasChannel) (await CurlAsync(Road, Page)).OrThrow();
        Hang();
        await AssertRefusedAsync(Decision);
        for (int i = 0; i < 5; i++)
            await AssertRefusedAsync(AtOnce);
        CommandResult name = await CurlAsync(Road, $"http://{LabAddresses.ServerName}/");
        Assert.IsLessThan(Decision, name.Elapsed, $"{name}");
        GoOn();
        await ComesBackAsync(async () => (await CurlAsync(Road, Page)).ExitCode == 0);
    }

    [TestMethod]
    [DataRow(false, DisplayName = "no channel yet")]
    [DataRow(true, DisplayName = "an open channel")]
    public async Task New_connections_go_direct_in_two_seconds_where_that_is_wanted(bool hasChannel)
    {
        await OpenRoadAsync("--WhenFirewallUnreachable", "Direct");
        (await Road.Network.Firewall.RunAsync("sysctl", ["-q", "-w", "net.ipv4.ip_forward=1"], cancellation: Cancellation)).OrThrow();
        (await Road.Network.Outside.RunAsync("ip", ["route", "add", "192.168.0.0/24", "via", LabAddresses.FirewallOutside], cancellation: Cancellation)).OrThrow();
        (await Road.Network.Client.RunAsync("ip", ["route", "add", "default", "via", LabAddresses.FirewallInside], cancellation: Cancellation)).OrThrow();
        if (hasChannel) Assert.StartsWith($"{LabAddresses.FirewallOutside}:", await SeenAddressAsync(Decision));
        Hang();
        Assert.StartsWith($"{LabAddresses.Client}:", await SeenAddressAsync(Decision));
        for (int i = 0; i < 5; i++)
            Assert.StartsWith($"{LabAddresses.Client}:", await SeenAddressAsync(AtOnce));
        GoOn();
        await ComesBackAsync(async () => (await SeenAddressAsync(Decision)).StartsWith($"{LabAddresses.FirewallOutside}:", StringComparison.Ordinal));
    }

    [TestMethod]
    public async Task What_stands_goes_on_with_it()
    {
        await OpenRoadAsync();
        await using LabProcess program = Road.Network.Client.Start("echo", new LabCommand(
            "bash", "-c", $"exec 3<>/dev/tcp/{LabAddresses.Server}/{LabAddresses.EchoPort}; echo ready; for i in 1 2 3 4 5 6 7 8; do echo line $i >&3; read -u 3 x || exit 1; echo $x; sleep 1; done"));
        await program.WaitForLineAsync(line => line == "line 2", TimeSpan.FromSeconds(10), Cancellation);
        Hang();
        await AssertRefusedAsync(Decision);
        // Longer than the client waits for the answer to a keep-alive: the control connection is given up meanwhile.
        await Task.Delay(TimeSpan.FromSeconds(7), Cancellation);
        GoOn();
        await program.WaitForExitAsync(TimeSpan.FromSeconds(20), Cancellation);
        Assert.AreEqual(0, program.ExitCode, program.Log());
        Assert.Contains("line 8", program.Lines);
    }

    /// <summary>The firewall waits for a server, and answers keep-alives meanwhile.</summary>
    [TestMethod]
    public async Task A_firewall_that_is_slow_to_connect_is_not_taken_for_one_that_hangs()
    {
        await OpenRoadAsync();
        string[] rule = ["INPUT", "-p", "tcp", "--dport", "80", "-j", "DROP"];
        (await Road.Network.Outside.RunAsync("iptables", ["-I", .. rule], cancellation: Cancellation)).OrThrow();
        Task<CommandResult> slow = CurlAsync(Road, Page);
        await Task.Delay(TimeSpan.FromSeconds(4), Cancellation);
        (await CurlAsync(Road, "-o", "/dev/null", $"ftp://{LabAddresses.Server}/")).OrThrow();
        (await Road.Network.Outside.RunAsync("iptables", ["-D", .. rule], cancellation: Cancellation)).OrThrow();
        CommandResult served = (await slow).OrThrow();
        Assert.IsGreaterThan(TimeSpan.FromSeconds(4), served.Elapsed);
        Assert.IsFalse(Road.Redirector!.Lines.Any(line => line.Contains("unreachable", StringComparison.Ordinal)), "the firewall was taken for away");
    }

    private async Task OpenRoadAsync(params string[] redirectorArguments)
    {
        NeedServices();
        _road = await LabRoad.OpenAsync(Mode, redirectorArguments: redirectorArguments, cancellation: Cancellation);
    }

    private void Hang() => Assert.IsTrue(PosixSignals.Send(Road.Firewall!.Id, PosixSignals.Stop));

    private void GoOn() => Assert.IsTrue(PosixSignals.Send(Road.Firewall!.Id, PosixSignals.Continue));

    private async Task AssertRefusedAsync(TimeSpan bound)
    {
        CommandResult result = await CurlAsync(Road, Page);
        TestContext.WriteLine($"{result.ExitCode} after {result.Elapsed.TotalSeconds:F2} s: {result.Error.Trim()}");
        const int NotConnected = 7;
        Assert.AreEqual(NotConnected, result.ExitCode, $"{result}");
        Assert.IsLessThan(bound, result.Elapsed, $"{result}");
    }

    private async Task<string> SeenAddressAsync(TimeSpan bound)
    {
        CommandResult result = (await CurlAsync(Road, $"{Page}address")).OrThrow();
        TestContext.WriteLine($"{result.Output.Trim()} after {result.Elapsed.TotalSeconds:F2} s");
        Assert.IsLessThan(bound, result.Elapsed, $"{result}");
        return result.Output;
    }

    private async Task ComesBackAsync(Func<Task<bool>> condition)
    {
        long started = System.Diagnostics.Stopwatch.GetTimestamp();
        while (!await condition())
        {
            Assert.IsLessThan(Back, System.Diagnostics.Stopwatch.GetElapsedTime(started), "not back at the firewall");
            await Task.Delay(TimeSpan.FromMilliseconds(200), Cancellation);
        }

        TestContext.WriteLine($"back after {System.Diagnostics.Stopwatch.GetElapsedTime(started).TotalSeconds:F1} s");
    }
}
