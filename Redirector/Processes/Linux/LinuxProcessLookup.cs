using System.Collections.Concurrent;
using System.Runtime.Versioning;
using FwRedirect.Redirector.Diversion;
using FwRedirect.Redirector.Diversion.Linux.Native;
using FwRedirect.Redirector.Diversion.Linux.SocketEvents;
using FwRedirect.Redirector.Packets;

namespace FwRedirect.Redirector.Processes.Linux;

/// <summary>
/// Flow to process: the exact socket by sock_diag (4 microseconds), its process by the cookie in <see cref="SocketOwners"/>, the rest from /proc. A socket older
/// than that map costs a scan of /proc (<see cref="SocketHolders"/>). What was read is kept for a while, because a process may be gone before its flow is decided.
/// </summary>
[SupportedOSPlatform("linux")]
internal sealed class LinuxProcessLookup(SocketOwners? owners, TimeProvider time) : IProcessLookup
{
    /// <summary>Long enough for a Connect request to be answered and short beside the reuse of process ids (32,768 of them at least).</summary>
    private static readonly TimeSpan Kept = TimeSpan.FromSeconds(60);

    /// <summary>Each entry is one record; a machine that starts more processes in a minute re-reads /proc.</summary>
    private const int MostKept = 4096;

    private readonly SocketDiagnostics _sockets = new();
    private readonly SocketHolders _holders = new(time);
    private readonly PingSockets _pings = new();
    private readonly UserNames _users = new();
    private readonly ClosedSockets _closed = new(time);
    private readonly ConcurrentDictionary<int, Seen> _processes = new();
    private readonly ConcurrentDictionary<(byte, PacketEndpoint, PacketEndpoint), Seen> _flows = new();

    private readonly record struct Seen(ProcessInfo Process, long At);

    public async ValueTask<ProcessInfo?> FindAsync(byte protocol, PacketEndpoint local, PacketEndpoint remote)
    {
        if (protocol is IpProtocol.Icmp or IpProtocol.IcmpV6)
            return FindPing(local.Port, isIPv6: protocol == IpProtocol.IcmpV6);
        if (_sockets.Find(protocol, local, remote) is not { } socket)
        {
            if (_flows.TryGetValue((protocol, local, remote), out var seen) && IsFresh(seen)) return seen.Process;
            return protocol == IpProtocol.Udp && await _closed.FindAsync(local) is { } close ? Describe(close) : null;
        }

        var id = owners?.Find(socket.Cookie) ?? (socket.Inode == 0 ? null : await _holders.FindAsync(socket.Inode));
        if (id is { } known && Find(known) is { } process) return process with { SocketId = socket.Cookie };
        // The socket outlives whoever made it; its owner's number is still in it.
        return new ProcessInfo(id ?? 0, "", null, _users.Find(socket.Uid), socket.Uid) { SocketId = socket.Cookie };
    }

    public ProcessInfo? Find(int processId)
    {
        if (processId <= 0) return null;
        // Read again while it lives: exec changes the name behind the same id.
        var known = _processes.TryGetValue(processId, out var seen) && IsFresh(seen) ? seen.Process : null;
        // One that is just ending has no path any more, and a name that is cut.
        if (ProcessFiles.Read(processId, _users) is not { } process || (process.Path is null && known?.Path is not null))
            return known;
        Keep(_processes, processId, process);
        return process;
    }

    public void Observe(in SocketEvent socketEvent)
    {
        if (socketEvent is { Kind: SocketEventKind.Close, Protocol: IpProtocol.Udp, Local.Port: not 0 })
            _closed.Take(socketEvent);
        // Reads /proc, which packets are not to wait for.
        if (socketEvent.Kind is SocketEventKind.Connect or SocketEventKind.Listen)
            ThreadPool.UnsafeQueueUserWorkItem(static work => work.Lookup.Keep(work.Happened), (Lookup: this, Happened: socketEvent), preferLocal: false);
    }

    public void Dispose() => _sockets.Dispose();

    /// <summary>Of a socket that is gone. Its process may be gone too: then what was noted when it made the socket has to do.</summary>
    private ProcessInfo? Describe(in SocketEvent close)
    {
        var maker = owners?.FindRecord(close.SocketId);
        if (Find(maker?.ProcessId ?? close.ProcessId) is { } process)
            return process with { SocketId = close.SocketId };
        return maker is { } noted ? new ProcessInfo(noted.ProcessId, noted.Name, null, _users.Find(noted.Uid), noted.Uid) { SocketId = close.SocketId } : null;
    }

    /// <param name="identifier">Of the echo request: it stands where a port would.</param>
    private ProcessInfo? FindPing(ushort identifier, bool isIPv6) => _pings.Find(identifier, isIPv6) is { } socket
        ? Find(socket.Process) ?? new ProcessInfo(socket.Process, "", null, _users.Find(socket.Uid), socket.Uid)
        : null;

    private void Keep(in SocketEvent socketEvent)
    {
        if (Find(socketEvent.ProcessId) is not { } process || socketEvent.Kind != SocketEventKind.Connect) return;
        Keep(_flows, (socketEvent.Protocol, socketEvent.Local, socketEvent.Remote), process);
    }

    private void Keep<TKey>(ConcurrentDictionary<TKey, Seen> table, TKey key, ProcessInfo process) where TKey : notnull
    {
        table[key] = new Seen(process, time.GetTimestamp());
        if (table.Count <= MostKept) return;
        foreach (var (old, seen) in table)
        {
            if (!IsFresh(seen)) table.TryRemove(old, out _);
        }

        if (table.Count > MostKept) table.Clear();
    }

    private bool IsFresh(Seen seen) => time.GetElapsedTime(seen.At) < Kept;
}
