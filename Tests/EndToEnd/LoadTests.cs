using FwRedirect.Lab.Execution;
using FwRedirect.Lab.Load;
using FwRedirect.Lab.Product;

namespace FwRedirect.Tests.EndToEnd;

/// <summary>A service is cut off, killed or restarted under a load of all kinds of flows: how many break, how many go on, how many are new, and how long anybody waits. README.md, "What is lost when".</summary>
[TestClass]
[TestCategory("Lab")]
[DoNotParallelize]
public sealed class LoadTests : LabTest
{
    /// <summary>README.md: what a program gets "at once" it has under 2 s; a connect to a firewall that is away likewise.</summary>
    private static readonly TimeSpan AtOnce = TimeSpan.FromSeconds(2);

    /// <summary>A firewall that is back serves new connections.</summary>
    private static readonly TimeSpan Back = TimeSpan.FromSeconds(12);

    /// <summary>What begins while fwredirect starts waits for the firewall's settings, 3 s at most, and then as any other.</summary>
    private static readonly TimeSpan StartBound = TimeSpan.FromSeconds(3) + AtOnce;

    private static readonly TimeSpan Away = TimeSpan.FromSeconds(1.5);

    /// <summary>What is under way when it happens; a busy machine on top.</summary>
    private static readonly TimeSpan Moment = TimeSpan.FromSeconds(0.5);

    /// <summary>The load goes on for so long when all is well again, so that it is seen to be.</summary>
    private static readonly TimeSpan Settled = TimeSpan.FromSeconds(2);

    /// <summary>Of thousands of connections a line each: no help to whoever looks for the reason of a failure.</summary>
    private const string EachConnection = "ConnectJourney[20";

    private LabRoad? _road;

    private LabRoad Road => _road!;

    private DateTimeOffset _happened;
    private DateTimeOffset _over;

    [TestCleanup]
    public async Task CloseRoad()
    {
        if (_road is null) return;
        if (TestContext.CurrentTestOutcome != UnitTestOutcome.Passed)
            TestContext.WriteLine(string.Join('\n', _road.Log().Split('\n').Where(line => !line.Contains(EachConnection, StringComparison.Ordinal)).TakeLast(120)));
        await _road.DisposeAsync();
    }

    [TestMethod]
    [Timeout(3 * 60_000)]
    public async Task Cut_control_connections_break_nothing()
    {
        (LoadReport inside, LoadReport outside) = await UnderLoadAsync(CutThreeTimesAsync, downloadsBreak: false);
        Assert.IsEmpty(inside.Broken, string.Join(", ", inside.Broken));
        Assert.IsEmpty(outside.Broken, string.Join(", ", outside.Broken));
        Assert.AreEqual((StandingLoad.Streams, StandingLoad.Idle, StandingLoad.Listeners), (inside.Streams, inside.Idle, outside.Streams));
        Assert.IsLessThan(AtOnce.TotalMilliseconds, inside.LongestRoundTrip, "a stream waited");
        foreach (LoadAttempt attempt in inside.Attempts.Concat(outside.Attempts))
            Assert.AreEqual(LoadAttempt.Answered, attempt.Outcome);
        AssertNobodyWaits(inside, AtOnce);
        foreach (LoadDatagrams socket in inside.Datagrams)
            Assert.IsEmpty(socket.Errors);
        AssertSocketsLive(inside, AtOnce);
        Assert.AreEqual(0, (await CountersAsync())["flows.everEndedAborted"]);
    }

    [TestMethod]
    [DataRow(true, DisplayName = "killed")]
    [DataRow(false, DisplayName = "stopped in order")]
    [Timeout(3 * 60_000)]
    public async Task A_firewall_that_ends_resets_what_stands_and_the_next_one_serves_what_is_new(bool isKilled)
    {
        (LoadReport inside, LoadReport outside) = await UnderLoadAsync(
            async () =>
            {
                await (isKilled ? Road.KillFirewallAsync() : Road.Firewall!.StopAsync());
                await Task.Delay(Away, Cancellation);
                await Road.StartFirewallAsync(Cancellation);
            },
            downloadsBreak: true);
        AssertAllEnded(inside, outside, "ConnectionReset");
        AssertRefusedAndServedAgain(inside, AtOnce, "NetworkUnreachable");
        AssertSocketsLive(inside, Away + Back);
    }

    /// <summary>The guard ends the programs' sockets; what is under way at the firewall ends with them. Until the next start the guard's rules refuse.</summary>
    [TestMethod]
    [Timeout(3 * 60_000)]
    public async Task A_killed_redirector_ends_what_stands_and_the_next_one_serves_what_is_new()
    {
        (LoadReport inside, LoadReport outside) = await RestartRedirectorAsync(road => road.KillRedirectorAsync());
        AssertAllEnded(inside, outside, "ConnectionReset", "ConnectionAborted");
        AssertRefusedAndServedAgain(inside, StartBound, "ConnectionRefused", "NetworkUnreachable");
        AssertSocketsLive(inside, Away + Back);
    }

    /// <summary>Until the next start there is no way out of the lab's client, as before the first.</summary>
    [TestMethod]
    [Timeout(3 * 60_000)]
    public async Task A_redirector_that_stops_resets_what_stands_and_the_next_one_serves_what_is_new()
    {
        (LoadReport inside, LoadReport outside) = await RestartRedirectorAsync(road => road.Redirector!.StopAsync());
        AssertAllEnded(inside, outside, "ConnectionReset");
        AssertRefusedAndServedAgain(inside, StartBound, "ConnectionRefused", "NetworkUnreachable");
        AssertSocketsLive(inside, Away + Back);
    }

    private Task<(LoadReport Inside, LoadReport Outside)> RestartRedirectorAsync(Func<LabRoad, Task> end) => UnderLoadAsync(
        async () =>
        {
            await end(Road);
            await Task.Delay(Away, Cancellation);
            await Road.StartRedirectorAsync(Cancellation);
        },
        downloadsBreak: true);

    private async Task CutThreeTimesAsync()
    {
        // The channels of lab, of curl and of the service itself.
        const int Channels = 3;
        for (int cut = 1; cut <= 3; cut++)
        {
            CommandResult killed = (await Road.Network.Client.RunAsync("ss", ["-K", "-tn", "dport", "=", ":1745"], cancellation: Cancellation)).OrThrow();
            Assert.IsGreaterThanOrEqualTo(Channels, killed.Output.Split('\n').Count(line => line.Contains(":1745", StringComparison.Ordinal)), killed.Output);
            await Until.TrueAsync(async () => (await CountersAsync())["channels.everResumed"] == cut * Channels, () => $"the sessions are not all resumed after cut {cut}", Cancellation);
        }
    }

    private async Task<(LoadReport Inside, LoadReport Outside)> UnderLoadAsync(Func<Task> happens, bool downloadsBreak)
    {
        NeedServices();
        _road = await LabRoad.OpenAsync(Mode, cancellation: Cancellation);
        await using StandingLoad load = await StandingLoad.StartAsync(Road, Cancellation);
        _happened = DateTimeOffset.UtcNow;
        await happens();
        _over = DateTimeOffset.UtcNow;
        IReadOnlyList<string> broken = await load.BrokenDownloadsAsync(Cancellation);
        await StandingLoad.ListeningAsync(Road, Cancellation);
        await Task.Delay(Settled, Cancellation);
        await load.EndAsync();
        Describe("inside", load.Inside!);
        Describe("outside", load.Outside!);
        Assert.HasCount(downloadsBreak ? StandingLoad.Downloads : 0, broken, string.Join('\n', broken));
        return (load.Inside!, load.Outside!);
    }

    /// <summary>No connection outlives it, none ends as if all were said, and each program knows at once.</summary>
    private void AssertAllEnded(LoadReport inside, LoadReport outside, params string[] errors)
    {
        Assert.AreEqual((0, 0, 0), (inside.Streams, inside.Idle, outside.Streams));
        Assert.HasCount(StandingLoad.Streams + StandingLoad.Idle, inside.Broken);
        Assert.HasCount(StandingLoad.Listeners, outside.Broken);
        foreach (LoadBreak broken in inside.Broken.Concat(outside.Broken))
        {
            Assert.Contains(broken.Error, errors, $"{broken}");
            Assert.IsLessThan(AtOnce, broken.At - _happened, $"{broken}");
        }
    }

    /// <summary>Who connects is served, or refused at once; and once it is served again it stays so.</summary>
    private void AssertRefusedAndServedAgain(LoadReport inside, TimeSpan bound, params string[] refusals)
    {
        AssertNobodyWaits(inside, bound);
        LoadAttempt[] failed = [.. inside.Attempts.Where(attempt => attempt.Outcome != LoadAttempt.Answered)];
        Assert.IsNotEmpty(failed, "nobody has noticed anything");
        foreach (LoadAttempt attempt in failed)
        {
            Assert.IsGreaterThan(_happened, attempt.Ended, $"{attempt}");
            // What was under way when it happened ends as all that stood; or is refused, where the firewall had said yes and its port was gone before the SYN came.
            string[] outcomes = attempt.Started < _happened + Moment ? ["ConnectionReset", "ConnectionAborted", "ConnectionRefused", .. refusals] : refusals;
            Assert.Contains(attempt.Outcome, outcomes, $"{attempt}, {(attempt.Started - _happened).TotalSeconds:F1} s after it happened");
        }

        LoadAttempt[] later = [.. inside.Attempts.Where(attempt => attempt.Outcome == LoadAttempt.Answered && attempt.Started > _happened + Moment)];
        Assert.IsNotEmpty(later, "nobody is served again");
        Assert.IsLessThan(Back, later.Min(attempt => attempt.Ended) - _over);
        Assert.IsLessThan(later.Min(attempt => attempt.Ended) + Moment, failed.Max(attempt => attempt.Started), "one is refused though others are served");
        TestContext.WriteLine($"served again {(later.Min(attempt => attempt.Ended) - _over).TotalSeconds:F1} s after the restart");
    }

    private static void AssertNobodyWaits(LoadReport report, TimeSpan bound)
    {
        LoadAttempt longest = report.Attempts.MaxBy(attempt => attempt.Milliseconds)!;
        Assert.IsLessThan(bound.TotalMilliseconds, longest.Milliseconds, $"{longest}");
    }

    /// <summary>A UDP socket lives through all of it: what it sends is answered again.</summary>
    private static void AssertSocketsLive(LoadReport report, TimeSpan silence)
    {
        Assert.HasCount(StandingLoad.Sockets, report.Datagrams);
        DateTimeOffset end = report.Datagrams.Max(socket => socket.LastAnswer);
        foreach (LoadDatagrams socket in report.Datagrams)
        {
            Assert.IsLessThan(TimeSpan.FromSeconds(1), end - socket.LastAnswer, $"{socket}");
            Assert.IsLessThan(silence.TotalMilliseconds, socket.LongestSilence, $"{socket}");
        }
    }

    private Task<IReadOnlyDictionary<string, long>> CountersAsync() => StatusReader.CountersAsync(Road.RedirectorProgram.StatusSocket, Cancellation);

    private void Describe(string who, LoadReport report)
    {
        string outcomes = string.Join(", ", report.Attempts.GroupBy(attempt => attempt.Outcome).Select(group => $"{group.Count()} {group.Key}, the longest {group.Max(attempt => attempt.Milliseconds):F0} ms"));
        string breaks = string.Join(", ", report.Broken.GroupBy(one => (one.Kind, one.Error)).Select(group =>
            $"{group.Count()} {group.Key.Kind} {group.Key.Error} after {group.Min(one => (one.At - _happened).TotalMilliseconds):F0} to {group.Max(one => (one.At - _happened).TotalMilliseconds):F0} ms"));
        string errors = string.Join(", ", report.Datagrams.SelectMany(socket => socket.Errors).GroupBy(error => error.Key).Select(group => $"{group.Key} {group.Sum(error => error.Value)}"));
        TestContext.WriteLine(
            $"{who}: {report.Streams} streams stand (longest round trip {report.LongestRoundTrip:F0} ms), {report.Idle} idle; broken: {breaks}; short: {outcomes}; " +
            $"datagrams: {report.Datagrams.Sum(socket => socket.Sent)} sent, {report.Datagrams.Sum(socket => socket.Answered)} answered, longest silence {report.Datagrams.Select(socket => socket.LongestSilence).DefaultIfEmpty().Max():F0} ms, errors {errors}");
    }
}
