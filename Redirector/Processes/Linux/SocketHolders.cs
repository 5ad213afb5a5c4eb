using System.Runtime.Versioning;

namespace FwRedirect.Redirector.Processes.Linux;

/// <summary>
/// Which process has a socket open, of sockets that are older than <see cref="Diversion.Linux.SocketEvents.SocketOwners"/>. One scan of /proc finds all of them: where a service starts on a
/// machine at work everybody asks at once, and a scan for each would keep it from its work for seconds. It has a thread of its own, since it blocks.
/// </summary>
[SupportedOSPlatform("linux")]
internal sealed class SocketHolders(TimeProvider time)
{
    /// <summary>So long a scan answers; a socket that it has not seen is looked for by another one at once.</summary>
    private static readonly TimeSpan Fresh = TimeSpan.FromSeconds(5);

    private readonly Lock _gate = new();
    private Scan? _last;

    /// <summary>Scans ever made.</summary>
    public int Scans { get; private set; }

    /// <summary>The first process that has the socket with this inode open; null where there is none.</summary>
    public async ValueTask<int?> FindAsync(uint inode)
    {
        var asked = time.GetTimestamp();
        var scan = LastSince(asked - (long)(Fresh.TotalSeconds * time.TimestampFrequency));
        if ((await scan.Holders).TryGetValue(inode, out var holder))
            return holder;
        // It may have been made, or handed over, behind that scan's back.
        return scan.Begun < asked && (await LastSince(asked).Holders).TryGetValue(inode, out holder) ? holder : null;
    }

    /// <summary>The last scan, if it began at <paramref name="earliest"/> or later; else one that begins now.</summary>
    private Scan LastSince(long earliest)
    {
        lock (_gate)
        {
            if (_last is null || _last.Begun < earliest)
            {
                Scans++;
                _last = new Scan(time.GetTimestamp(), Task.Factory.StartNew(ProcessFiles.SocketHolders, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default));
            }

            return _last;
        }
    }

    private sealed record Scan(long Begun, Task<IReadOnlyDictionary<uint, int>> Holders);
}
