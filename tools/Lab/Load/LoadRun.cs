using System.Net;
using FwRedirect.Lab.Probes;

namespace FwRedirect.Lab.Load;

/// <summary>
/// Programs' work of several kinds at once, until it is told to end: connections with and without bytes under way, short ones, UDP sockets, listeners. Prints "ready" when all that
/// is to stand does, and at the end the <see cref="LoadReport"/>.
/// </summary>
internal static class LoadRun
{
    /// <summary>For what is under way at the end. Shorter than what a program of the lab gets to end in.</summary>
    private static readonly TimeSpan LastExchange = TimeSpan.FromSeconds(3);

    /// <summary>A system that opens this many at once is a browser with many tabs; more would be about connects, not about what stands.</summary>
    private const int OpenedAtOnce = 16;

    public static async Task<int> RunAsync(LoadOptions options, CancellationToken ended)
    {
        using var limit = new CancellationTokenSource();
        await using CancellationTokenRegistration ending = ended.Register(() => limit.CancelAfter(LastExchange));
        Task listening = Task.WhenAll(Enumerable.Range(options.FirstListener, options.Listeners).Select(port => EchoListener.RunAsync(new IPEndPoint(IPAddress.Any, port), ended)));
        StandingConnection[] connections =
        [
            .. Enumerable.Range(0, options.Streams + options.Idle).Select(number => new StandingConnection(options.ServerOf(number), number, isIdle: number >= options.Streams)),
        ];
        DatagramExchange[] datagrams = [.. Enumerable.Range(0, options.Datagrams).Select(number => new DatagramExchange(options.ServerOf(number)))];
        var parallel = new ParallelOptions { MaxDegreeOfParallelism = OpenedAtOnce, CancellationToken = ended };
        await Parallel.ForEachAsync(connections, parallel, async (connection, stop) => await connection.OpenAsync(stop));
        await Parallel.ForEachAsync(datagrams, parallel, async (exchange, stop) => await exchange.OpenAsync(stop));
        var attempts = new ShortConnections(options);
        Console.WriteLine("ready");
        await Task.WhenAll(
        [
            .. connections.Select(connection => connection.RunAsync(ended, limit.Token)),
            .. datagrams.Select(exchange => exchange.RunAsync(ended)),
            .. Enumerable.Range(0, options.Connects).Select(worker => attempts.RunAsync(worker, ended, limit.Token)),
        ]);
        await listening.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        Console.WriteLine(new LoadReport(
            connections.Count(connection => connection is { Break: null, IsIdle: false }), connections.Count(connection => connection is { Break: null, IsIdle: true }),
            connections.Select(connection => connection.LongestRoundTrip.TotalMilliseconds).DefaultIfEmpty().Max(), [.. connections.Select(connection => connection.Break).OfType<LoadBreak>()],
            attempts.Attempts, [.. datagrams.Select(exchange => exchange.Report)]).ToLine());
        foreach (IDisposable used in connections.Concat<IDisposable>(datagrams)) used.Dispose();
        return 0;
    }
}
