using FwRedirect.Lab.Execution;
using FwRedirect.Lab.Network;
using FwRedirect.Lab.Product;

namespace FwRedirect.Tests.EndToEnd;

/// <summary>The control channel breaks, falls silent, or its firewall is killed, while programs work. What each of them loses, and how soon it knows.</summary>
[TestClass]
[TestCategory("Lab")]
[DoNotParallelize]
public sealed class ChannelLifeTests : LabTest
{
    private const int Megabytes = 100;

    /// <summary>What WhenFirewallUnreachable promises.</summary>
    private static readonly TimeSpan Decision = TimeSpan.FromSeconds(2);

    /// <summary>Later ones know already; most of it is curl's own start on a busy machine.</summary>
    private static readonly TimeSpan AtOnce = TimeSpan.FromSeconds(0.5);

    private static readonly TimeSpan Back = TimeSpan.FromSeconds(15);

    private const string ReopenedLine = "goes on over a new connection";

    private LabRoad? _road;

    private LabRoad Road => _road!;

    private async Task OpenRoadAsync(params string[] redirectorArguments)
    {
        NeedServices();
        _road = await LabRoad.OpenAsync(Mode, redirectorArguments: redirectorArguments, cancellation: Cancellation);
    }

    [TestCleanup]
    public async Task CloseRoad()
    {
        if (_road is null) return;
        if (TestContext.CurrentTestOutcome != UnitTestOutcome.Passed) TestContext.WriteLine(_road.Log());
        await _road.DisposeAsync();
    }

    [TestMethod]
    public async Task A_cut_control_connection_costs_no_flow_a_byte()
    {
        await OpenRoadAsync();
        string expected = await WriteFileAsync();
        await using LabProcess download = await StartDownloadAsync("20M");
        for (int cut = 1; cut <= 3; cut++)
        {
            await CutControlConnectionsAsync();
            await WaitForCountAsync(Road.Redirector!, ReopenedLine, cut);
        }

        Assert.IsFalse(download.HasExited, "the cuts came too late to prove anything");
        await download.WaitForExitAsync(TimeSpan.FromSeconds(60), Cancellation);
        Assert.AreEqual(0, download.ExitCode, download.Log());
        Assert.AreEqual(expected, await ChecksumAsync());
        // A new flow on the same session, which counts on from where it was.
        (await CurlAsync(Road, $"http://{LabAddresses.Server}/")).OrThrow();
    }

    /// <summary>The machine lives and the process is gone: its kernel resets what it relayed, both ways, and nobody takes the cut for an end.</summary>
    [TestMethod]
    public async Task A_killed_firewall_resets_its_flows_at_once_and_a_new_one_serves_new_flows()
    {
        await OpenRoadAsync();
        await WriteFileAsync();
        await using LabProcess download = await StartDownloadAsync("5M");
        await using LabProcess idle = await StartIdleAsync();
        await Road.KillFirewallAsync();
        await download.WaitForExitAsync(TimeSpan.FromSeconds(2), Cancellation);
        await idle.WaitForExitAsync(TimeSpan.FromSeconds(2), Cancellation);
        Assert.Contains("reset by peer", idle.Log());
        const int PartialFile = 18, ReceiveError = 56;
        Assert.IsTrue(download.ExitCode is PartialFile or ReceiveError, $"{download.ExitCode}");
        Assert.Contains("reset by peer", download.Log());

        await Road.StartFirewallAsync(Cancellation);
        (await CurlAsync(Road, "--retry", "8", "--retry-delay", "1", "--retry-all-errors", $"http://{LabAddresses.ServerName}/")).OrThrow();
    }

    /// <summary>Connects under way when it is cut are made once, whichever way the cut went.</summary>
    [TestMethod]
    public async Task Cuts_while_connections_come_and_go_cost_none_of_them()
    {
        await OpenRoadAsync();
        const int Count = 1500;
        await using LabProcess connections = Road.Network.Client.Start(
            "connections", new LabCommand(Executables.Lab, "connections", "--to", $"{LabAddresses.Server}:{LabAddresses.EchoPort}", "--count", $"{Count}", "--seconds", "60"));
        await WaitForCountAsync(Road.Redirector!, "lab connected", 20);
        int cuts = 0;
        for (; cuts < 20 && !connections.HasExited; cuts++)
        {
            await CutControlConnectionsAsync(mustBeThere: false);
            await Task.Delay(TimeSpan.FromMilliseconds(150), Cancellation);
        }

        await connections.WaitForExitAsync(TimeSpan.FromSeconds(60), Cancellation);
        Assert.AreEqual(0, connections.ExitCode, connections.Log());
        Assert.Contains($"{Count} connections", connections.Log());
        int reopened = Road.Redirector!.Lines.Count(line => line.Contains(ReopenedLine, StringComparison.Ordinal));
        TestContext.WriteLine($"{cuts} cuts, {reopened} resumed");
        Assert.IsGreaterThan(5, reopened);
    }

    /// <summary>Nothing of the control connection arrives for some seconds: flows go on, who comes new is told in under two seconds, and all is well by itself.</summary>
    [TestMethod]
    public async Task A_control_connection_that_falls_silent_costs_no_flow_a_byte()
    {
        await OpenRoadAsync();
        string expected = await WriteFileAsync();
        await using LabProcess download = await StartDownloadAsync("6M");
        (await CurlAsync(Road, $"http://{LabAddresses.Server}/")).OrThrow();
        await DropAsync("-p", "tcp", "--dport", "1745");
        CommandResult first = await CurlAsync(Road, $"http://{LabAddresses.Server}/");
        AssertRefused(first, Decision);
        AssertRefused(await CurlAsync(Road, $"http://{LabAddresses.Server}/"), AtOnce);
        await Task.Delay(TimeSpan.FromSeconds(7), Cancellation);
        await DropNoMoreAsync("-p", "tcp", "--dport", "1745");
        await ComesBackAsync();
        await WaitForCountAsync(Road.Redirector!, ReopenedLine, 1);
        Assert.IsFalse(download.HasExited, "it was too quick to prove anything");
        await download.WaitForExitAsync(TimeSpan.FromSeconds(60), Cancellation);
        Assert.AreEqual(0, download.ExitCode, download.Log());
        Assert.AreEqual(expected, await ChecksumAsync());
    }

    /// <summary>A laptop that leaves its firewall and comes back; no restart of anything.</summary>
    [TestMethod]
    public async Task Away_from_the_firewall_new_flows_are_refused_in_two_seconds_and_served_again_when_it_is_back()
    {
        await OpenRoadAsync();
        (await CurlAsync(Road, $"http://{LabAddresses.Server}/")).OrThrow();
        await DropAsync("-i", "inside");
        AssertRefused(await CurlAsync(Road, $"http://{LabAddresses.Server}/"), Decision);
        for (int i = 0; i < 5; i++)
            AssertRefused(await CurlAsync(Road, $"http://{LabAddresses.Server}/"), AtOnce);
        CommandResult name = await CurlAsync(Road, $"http://{LabAddresses.ServerName}/");
        Assert.IsLessThan(Decision, name.Elapsed, $"{name}");
        await DropNoMoreAsync("-i", "inside");
        await ComesBackAsync();
    }

    [TestMethod]
    public async Task Away_from_the_firewall_new_flows_go_direct_in_two_seconds_where_that_is_wanted()
    {
        await OpenRoadAsync("--WhenFirewallUnreachable", "Direct");
        await MakeADirectWayAsync();
        Assert.StartsWith($"{LabAddresses.FirewallOutside}:", await SeenAddressAsync());
        await DropAsync("-p", "tcp", "--dport", "1745");
        Assert.StartsWith($"{LabAddresses.Client}:", await SeenAddressAsync(Decision));
        for (int i = 0; i < 5; i++)
            Assert.StartsWith($"{LabAddresses.Client}:", await SeenAddressAsync(AtOnce));
        await DropNoMoreAsync("-p", "tcp", "--dport", "1745");
        await UntilAsync(async () => (await SeenAddressAsync()).StartsWith($"{LabAddresses.FirewallOutside}:", StringComparison.Ordinal), "back at the firewall");
    }

    /// <summary>The machine boots where its firewall is not.</summary>
    [TestMethod]
    public async Task A_start_without_a_firewall_works_and_finds_it_later()
    {
        await OpenRoadAsync();
        await Road.KillFirewallAsync();
        await Road.KillRedirectorAsync();
        await Road.StartRedirectorAsync(Cancellation);
        AssertRefused(await CurlAsync(Road, $"http://{LabAddresses.Server}/"), Decision);
        await Road.StartFirewallAsync(Cancellation);
        await ComesBackAsync();
    }

    [TestMethod]
    public async Task New_flows_fail_over_to_the_second_firewall_and_return_to_the_first()
    {
        await OpenRoadAsync("--Firewall", $"{LabAddresses.FirewallInside}:1745,{LabAddresses.SecondFirewallInside}:1745");
        await new LabCommand("ip", "-n", Road.Network.Firewall.Name, "address", "add", $"{LabAddresses.SecondFirewallInside}/24", "dev", "inside").RunAsync(Cancellation);
        var program = new FirewallProgram(Road.Network)
        {
            Name = "fwhost-2",
            Arguments =
            [
                "--InternalAddresses", LabAddresses.SecondFirewallInside, "--AccessLog", Path.Combine(Road.Network.Folder, "access-2.log"),
                "--StatusEndpoint", Path.Combine(Road.Network.Folder, "fwhost-2.sock"),
            ],
        };
        await using LabProcess second = await program.StartAsync(Cancellation);
        (await CurlAsync(Road, $"http://{LabAddresses.Server}/")).OrThrow();
        Assert.AreEqual(0, Sessions(second), "the preferred one serves while it is there");
        // It was looked for before it ran.
        await UntilAsync(
            async () => (await StatusReader.CountersAsync(Road.RedirectorProgram.StatusSocket, Cancellation))["firewalls.unreachable"] == 0, "both are known to be there");

        await Road.KillFirewallAsync();
        CommandResult over = (await CurlAsync(Road, $"http://{LabAddresses.Server}/")).OrThrow();
        Assert.IsLessThan(Decision, over.Elapsed);
        Assert.AreEqual(1, Sessions(second));

        string expected = await WriteFileAsync();
        await using LabProcess download = await StartDownloadAsync("15M");
        await Road.StartFirewallAsync(Cancellation);
        await UntilAsync(
            async () =>
            {
                (await CurlAsync(Road, $"http://{LabAddresses.Server}/")).OrThrow();
                return Sessions(Road.Firewall!) > 0;
            },
            "back at the preferred firewall");
        Assert.IsFalse(download.HasExited, "it was too quick to prove anything");
        await download.WaitForExitAsync(TimeSpan.FromSeconds(60), Cancellation);
        Assert.AreEqual(0, download.ExitCode, download.Log());
        Assert.AreEqual(expected, await ChecksumAsync());
    }

    private static int Sessions(LabProcess firewall) => firewall.Lines.Count(line => line.Contains(" from 192.168.0.2/", StringComparison.Ordinal));

    private static void AssertRefused(CommandResult result, TimeSpan bound)
    {
        Assert.AreNotEqual(0, result.ExitCode, $"{result}");
        Assert.IsLessThan(bound, result.Elapsed, $"{result}");
    }

    private async Task<string> SeenAddressAsync(TimeSpan? bound = null)
    {
        CommandResult result = (await CurlAsync(Road, $"http://{LabAddresses.Server}/address")).OrThrow();
        if (bound is { } limit) Assert.IsLessThan(limit, result.Elapsed, $"{result}");
        return result.Output;
    }

    /// <summary>What a laptop has in a hotel: a router that leads past the firewall. The server then sees the client's own address.</summary>
    private async Task MakeADirectWayAsync()
    {
        (await Road.Network.Firewall.RunAsync("sysctl", ["-q", "-w", "net.ipv4.ip_forward=1"], cancellation: Cancellation)).OrThrow();
        (await Road.Network.Outside.RunAsync("ip", ["route", "add", "192.168.0.0/24", "via", LabAddresses.FirewallOutside], cancellation: Cancellation)).OrThrow();
        (await Road.Network.Client.RunAsync("ip", ["route", "add", "default", "via", LabAddresses.FirewallInside], cancellation: Cancellation)).OrThrow();
    }

    private Task ComesBackAsync() =>
        UntilAsync(async () => (await CurlAsync(Road, $"http://{LabAddresses.ServerName}/")).ExitCode == 0, "back through the firewall");

    /// <summary>By itself, within the longest pause between two looks and what one look takes.</summary>
    private async Task UntilAsync(Func<Task<bool>> condition, string what)
    {
        long started = System.Diagnostics.Stopwatch.GetTimestamp();
        while (!await condition())
        {
            Assert.IsLessThan(Back, System.Diagnostics.Stopwatch.GetElapsedTime(started), $"not: {what}");
            await Task.Delay(TimeSpan.FromMilliseconds(200), Cancellation);
        }

        TestContext.WriteLine($"{what} after {System.Diagnostics.Stopwatch.GetElapsedTime(started).TotalSeconds:F1} s");
    }

    /// <summary>Both ways: what comes to the firewall so, and its answers.</summary>
    private async Task DropAsync(params string[] match) =>
        (await Road.Network.Firewall.RunAsync("iptables", ["-I", "INPUT", .. match, "-j", "DROP"], cancellation: Cancellation)).OrThrow();

    private async Task DropNoMoreAsync(params string[] match) =>
        (await Road.Network.Firewall.RunAsync("iptables", ["-D", "INPUT", .. match, "-j", "DROP"], cancellation: Cancellation)).OrThrow();

    private async Task<LabProcess> StartDownloadAsync(string rate)
    {
        LabProcess download = Road.Network.Client.Start(
            "download", new LabCommand("curl", "-sS", "--max-time", "120", "--limit-rate", rate, "-o", Arrived, $"http://{LabAddresses.Server}/large.bin"));
        for (int round = 0; round < 200 && !(File.Exists(Arrived) && new FileInfo(Arrived).Length > 1 << 20); round++)
            await Task.Delay(TimeSpan.FromMilliseconds(50), Cancellation);
        Assert.IsFalse(download.HasExited, download.Log());
        return download;
    }

    /// <summary>A connection on which nothing happens: an orderly end of it would be silent.</summary>
    private async Task<LabProcess> StartIdleAsync()
    {
        LabProcess idle = Road.Network.Client.Start(
            "idle", new LabCommand("bash", "-c", $"exec 3<>/dev/tcp/{LabAddresses.Server}/{LabAddresses.EchoPort}; echo ready; cat <&3"));
        await idle.WaitForLineAsync(line => line == "ready", TimeSpan.FromSeconds(10), Cancellation);
        return idle;
    }

    private async Task CutControlConnectionsAsync(bool mustBeThere = true)
    {
        CommandResult cut = (await Road.Network.Client.RunAsync("ss", ["-K", "-tn", "dport", "=", ":1745"], cancellation: Cancellation)).OrThrow();
        if (mustBeThere) Assert.Contains(":1745", cut.Output);
    }

    private async Task WaitForCountAsync(LabProcess process, string text, int count)
    {
        for (int round = 0; round < 100; round++)
        {
            if (process.Lines.Count(line => line.Contains(text, StringComparison.Ordinal)) >= count) return;
            await Task.Delay(TimeSpan.FromMilliseconds(50), Cancellation);
        }

        Assert.Fail($"'{text}' was not said {count} times within 5 s");
    }

    private string Arrived => Path.Combine(Road.Network.Folder, "arrived.bin");

    private async Task<string> WriteFileAsync()
    {
        byte[] block = new byte[1 << 20];
        var random = new Random(4); // a fixed seed: a failure can be repeated
        string path = Path.Combine(Road.Network.Folder, "web", "root", "large.bin");
        await using (FileStream file = File.Create(path))
        {
            for (int i = 0; i < Megabytes; i++)
            {
                random.NextBytes(block);
                await file.WriteAsync(block, Cancellation);
            }
        }

        return Convert.ToHexString(System.Security.Cryptography.SHA256.HashData(await File.ReadAllBytesAsync(path, Cancellation)));
    }

    private async Task<string> ChecksumAsync() =>
        Convert.ToHexString(System.Security.Cryptography.SHA256.HashData(await File.ReadAllBytesAsync(Arrived, Cancellation)));
}
