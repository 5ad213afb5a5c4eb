using System.Collections.Concurrent;
using System.Runtime.Versioning;
using FwRedirect.Redirector.Diversion;
using FwRedirect.Redirector.Packets;

namespace FwRedirect.Redirector.Processes.Linux;

/// <summary>
/// UDP sockets that were closed lately: a program that sends one datagram and closes is done before anybody can look for its socket. The kernel tells of the close before it forgets
/// the socket. Thread-safe.
/// </summary>
[SupportedOSPlatform("linux")]
internal sealed class ClosedSockets(TimeProvider time)
{
    /// <summary>A datagram of it may wait in the queue for that long, on a busy machine.</summary>
    private static readonly TimeSpan Kept = TimeSpan.FromSeconds(5);

    /// <summary>For an event that the kernel has written and nobody has read yet.</summary>
    private static readonly TimeSpan EventWait = TimeSpan.FromMilliseconds(100);

    /// <summary>Beyond so many the old ones are looked for; there are no more than ports.</summary>
    private const int MostKept = 4096;

    private readonly ConcurrentDictionary<ushort, (SocketEvent Close, long At)> _byPort = new();
    private readonly ConcurrentDictionary<ushort, TaskCompletionSource> _awaited = new();

    /// <param name="close">Of a UDP socket, with its own endpoint.</param>
    public void Take(in SocketEvent close)
    {
        _byPort[close.Local.Port] = (close, time.GetTimestamp());
        if (_awaited.TryRemove(close.Local.Port, out var awaited))
            awaited.TrySetResult();
        if (_byPort.Count <= MostKept)
            return;
        foreach (var (port, (_, at)) in _byPort)
        {
            if (time.GetElapsedTime(at) >= Kept)
                _byPort.TryRemove(port, out _);
        }
    }

    /// <summary>The close of the socket that had this endpoint last; null where none is told of, now or in a moment.</summary>
    public async ValueTask<SocketEvent?> FindAsync(PacketEndpoint local)
    {
        if (Find(local) is { } known)
            return known;
        var awaited = _awaited.GetOrAdd(local.Port, static _ => new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
        // It may have come between the look and the wait.
        if (Find(local) is null)
            await awaited.Task.WaitAsync(EventWait, time).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _awaited.TryRemove(local.Port, out _);
        return Find(local);
    }

    private SocketEvent? Find(PacketEndpoint local) =>
        _byPort.TryGetValue(local.Port, out var closed) && time.GetElapsedTime(closed.At) < Kept
        && (closed.Close.Local.IsAnyAddress || closed.Close.Local.Address == local.Address) ? closed.Close : null;
}
