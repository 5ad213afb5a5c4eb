using System.Diagnostics;
using System.Text.Json.Nodes;
using FwRedirect.Lab.Execution;
using FwRedirect.Lab.Network;
using FwRedirect.Lab.Product;

namespace FwRedirect.Tests.EndToEnd;

/// <summary>Bursts leave nothing behind: no binding, no connection, no held packet, no descriptor, and no key in the flow table but of what has ended, which gives way.</summary>
[TestClass]
[TestCategory("Lab")]
[DoNotParallelize]
public sealed class BurstTests : LabTest
{
    private const int FirstPort = 21_000;
    private static readonly TimeSpan Settled = TimeSpan.FromSeconds(20);

    /// <summary>A refusal is remembered for five seconds (FlowLimits.RefusalCache); the tick and a busy machine on top.</summary>
    private static readonly TimeSpan Forgotten = TimeSpan.FromSeconds(20);

    /// <summary>Threads and the runtime's own files come and go.</summary>
    private const int DescriptorSlack = 6;

    private static readonly string[] RedirectorHeld =
    [
        "flows.pending", "flows.announced", "flows.opening", "flows.established", "flows.halfClosed", "flows.closing", "flows.mappings", "packets.heldSyns",
        "packets.heldForListens", "packets.processesHeld", "packets.waitingInKernel", "bindings.bound", "bindings.listening", "bindings.sockets", "journal.slotsUsed",
        "names.lookups",
    ];

    private static readonly string[] FirewallHeld =
        ["connections.beingMade", "connections.relayed", "bindings.bound", "bindings.listening", "ports.claimed", "ports.mapped", "ports.insideInUse", "names.lookups"];

    private LabRoad? _road;

    [TestCleanup]
    public async Task CloseRoad()
    {
        if (_road is null) return;
        if (TestContext.CurrentTestOutcome != UnitTestOutcome.Passed)
            TestContext.WriteLine(string.Join('\n', _road.Log().Split('\n').TakeLast(60)));
        await _road.DisposeAsync();
    }

    [TestMethod]
    [Timeout(5 * 60_000)]
    public async Task Bursts_leave_nothing_behind()
    {
        NeedServices();
        _road = await LabRoad.OpenAsync(Mode, cancellation: Cancellation);
        await ApplicationSettings.UseAsync(
            Road, new JsonObject { ["nc.openbsd"] = new JsonObject { ["RemoteBindTcpPorts"] = $"{FirstPort}-{FirstPort + 199}" } }, Cancellation);

        // One of each first: channels that stay open for two minutes, threads, the first inside ports.
        await ListenAsync(count: 2, rounds: 1, pause: 0.2);
        await FlowsAsync(64);
        await ShortProcessesAsync(3);
        await NothingHeldAsync("after the first of each");
        (long redirector, long firewall) before = await DescriptorsAsync();

        long ever = await EverListeningAsync();
        await ListenAsync(count: 200, rounds: 1, pause: 2);
        TestContext.WriteLine($"two hundred opened, two seconds, closed: {await TakesAsync("two hundred sockets of one process")}");
        Assert.AreEqual(ever + 200, await EverListeningAsync(), "the firewall has listened for each of the two hundred");
        // Closed while the firewall is still being asked.
        await ListenAsync(count: 200, rounds: 3, pause: 0);
        TestContext.WriteLine($"three times two hundred closed at once: {await TakesAsync("sockets that are closed while their binds are under way")}");
        ever = await EverListeningAsync();
        await ShortProcessesAsync(200);
        TestContext.WriteLine($"two hundred processes: {await TakesAsync("two hundred short processes")}; the firewall listened for {await EverListeningAsync() - ever} of them");
        Assert.IsGreaterThan(ever + 50, await EverListeningAsync(), "the firewall has listened for those that lived long enough");

        long started = Stopwatch.GetTimestamp();
        string flows = await FlowsAsync(10_000);
        TestContext.WriteLine($"ten thousand flows in {Stopwatch.GetElapsedTime(started).TotalSeconds:F1} s, {flows.Trim()}: {await TakesAsync("ten thousand flows")}");
        Assert.AreEqual("5000 answered, 5000 refused, 0 other", flows.Trim());

        (long redirector, long firewall) after = await DescriptorsAsync();
        TestContext.WriteLine($"descriptors before and after: fwredirect {before.redirector}, {after.redirector}; fwhost {before.firewall}, {after.firewall}");
        Assert.IsLessThanOrEqualTo(before.redirector + DescriptorSlack, after.redirector, "descriptors of fwredirect");
        Assert.IsLessThanOrEqualTo(before.firewall + DescriptorSlack, after.firewall, "descriptors of fwhost");
        IReadOnlyDictionary<string, long> lingering = await RedirectorAsync();
        TestContext.WriteLine($"keys: {lingering["nat.entries"]} of {lingering["flows.refused"]} refused connections, {lingering["nat.timeWait"]} of {lingering["flows.over"]} that are over");
        await UntilAsync(async () => (await RedirectorAsync())["nat.entries"] == 0, Forgotten, "no entry but of what is over");
        TestContext.WriteLine($"no entry {Stopwatch.GetElapsedTime(started).TotalSeconds:F0} s after the ten thousand began");
        Assert.AreEqual(0, lingering["packets.everDroppedAtLimit"] + lingering["packets.everDroppedByKernel"]);
    }

    private LabRoad Road => _road!;

    /// <summary>The process has a connection through the firewall, so that its sockets are bound there; it ends with them.</summary>
    private async Task ListenAsync(int count, int rounds, double pause)
    {
        string[] arguments =
        [
            "listen-burst", "--first-port", "22000", "--sockets", $"{count}", "--rounds", $"{rounds}", "--pause", FormattableString.Invariant($"{pause}"),
            "--via", $"{LabAddresses.Server}:{LabAddresses.EchoPort}",
        ];
        (await Road.Network.Client.RunAsync(Executables.Lab, arguments, cancellation: Cancellation)).OrThrow();
    }

    private async Task<string> FlowsAsync(int count)
    {
        string[] arguments =
        [
            "flow-burst", "--to", $"{LabAddresses.Server}:{LabAddresses.EchoPort}", "--refusing", $"{LabAddresses.Server}:{LabAddresses.ClosedPort}", "--count", $"{count}",
        ];
        return (await Road.Network.Client.RunAsync(Executables.Lab, arguments, timeout: TimeSpan.FromMinutes(4), cancellation: Cancellation)).OrThrow().Output;
    }

    /// <summary>A port each, published by a setting; each lives for a tenth of a second, some of them for less than their bind.</summary>
    private async Task ShortProcessesAsync(int count) => (await Road.Network.Client.RunAsync(
        "bash", ["-c", $"for i in $(seq {FirstPort} {FirstPort + count - 1}); do timeout 0.$((i % 3))5 nc -l -d $i & done; wait; true"], cancellation: Cancellation)).OrThrow();

    private async Task<string> TakesAsync(string what)
    {
        long started = Stopwatch.GetTimestamp();
        await NothingHeldAsync(what);
        return $"nothing held after {Stopwatch.GetElapsedTime(started).TotalSeconds:F1} s";
    }

    private async Task NothingHeldAsync(string what) => await UntilAsync(async () => (await HeldAsync()).Count == 0, Settled, $"nothing is held: {what}");

    /// <summary>What is not zero on either side.</summary>
    private async Task<IReadOnlyList<string>> HeldAsync()
    {
        IReadOnlyDictionary<string, long> here = await RedirectorAsync();
        IReadOnlyDictionary<string, long> there = await FirewallAsync();
        return
        [
            // The service itself listens for what the firewall sets.
            .. here["channels.objects"] == here["channels.subscriptions"] ? Array.Empty<string>() : [$"fwredirect channels.objects {here["channels.objects"]}"],
            .. RedirectorHeld.Where(name => here[name] != 0).Select(name => $"fwredirect {name} {here[name]}"),
            .. FirewallHeld.Where(name => there[name] != 0).Select(name => $"fwhost {name} {there[name]}"),
        ];
    }

    private Task<IReadOnlyDictionary<string, long>> RedirectorAsync() => StatusReader.CountersAsync(Road.RedirectorProgram.StatusSocket, Cancellation);

    private async Task<long> EverListeningAsync() => (await FirewallAsync())["bindings.everListening"];

    private Task<IReadOnlyDictionary<string, long>> FirewallAsync() => StatusReader.CountersAsync(Road.FirewallProgram.StatusSocket, Cancellation);

    /// <summary>Without the firewall's inside ports: of the 64 each is opened when it is first needed, and stays.</summary>
    private async Task<(long Redirector, long Firewall)> DescriptorsAsync() =>
        (Descriptors(Road.Redirector!), Descriptors(Road.Firewall!) - (await FirewallAsync())["ports.insideListening"]);

    /// <summary>But for the runtime's libraries, which it opens when their code is first needed.</summary>
    private static long Descriptors(LabProcess process) =>
        Directory.GetFileSystemEntries($"/proc/{process.Id}/fd").Count(file => new FileInfo(file).LinkTarget?.EndsWith(".dll", StringComparison.Ordinal) != true);

    private async Task UntilAsync(Func<Task<bool>> condition, TimeSpan bound, string what)
    {
        long started = Stopwatch.GetTimestamp();
        while (!await condition())
        {
            if (Stopwatch.GetElapsedTime(started) > bound)
                Assert.Fail($"not within {bound.TotalSeconds} s: {what}; still {string.Join(", ", await HeldAsync())}");
            await Task.Delay(100, Cancellation);
        }
    }
}
