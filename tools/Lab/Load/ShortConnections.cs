using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace FwRedirect.Lab.Load;

/// <summary>Connections that come and go, one after the other, whatever becomes of them.</summary>
internal sealed class ShortConnections(LoadOptions options)
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(25);

    private readonly ConcurrentQueue<LoadAttempt> _attempts = new();

    public IReadOnlyList<LoadAttempt> Attempts => [.. _attempts];

    /// <param name="ended">No further one is begun.</param>
    /// <param name="limit">What is under way is given up, and reported as that.</param>
    public async Task RunAsync(int worker, CancellationToken ended, CancellationToken limit)
    {
        for (int number = worker; !ended.IsCancellationRequested; number++)
        {
            DateTimeOffset started = DateTimeOffset.UtcNow;
            long clock = Stopwatch.GetTimestamp();
            string outcome = await OneAsync(options.ServerOf(number), limit);
            _attempts.Enqueue(new LoadAttempt(outcome, started, Stopwatch.GetElapsedTime(clock).TotalMilliseconds));
            await Task.Delay(Interval, ended).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private static async Task<string> OneAsync(IPEndPoint server, CancellationToken limit)
    {
        using var socket = new Socket(server.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(server, limit);
            byte[] buffer = [42];
            await socket.SendAsync(buffer, limit);
            return await socket.ReceiveAsync(buffer, limit) == 1 ? LoadAttempt.Answered : "end";
        }
        catch (SocketException failure)
        {
            return failure.SocketErrorCode.ToString();
        }
        catch (OperationCanceledException)
        {
            return LoadAttempt.UnderWay;
        }
    }
}
