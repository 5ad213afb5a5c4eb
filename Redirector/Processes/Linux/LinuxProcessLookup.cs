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
    private readonly ConcurrentDictionary<int, Seen> _processes = new();
    private readonly ConcurrentDictionary<(byte, PacketEndpoint, PacketEndpoint), Seen> _flows = new();

    private readonly record struct Seen(ProcessInfo Process, long At);

    public async ValueTask<ProcessInfo?> FindAsync(byte protocol, PacketEndpoint local, PacketEndpoint remote)
    {
        if (protocol is IpProtocol.Icmp or IpProtocol.IcmpV6)
            return FindPing(local.Port, isIPv6: protocol == IpProtocol.IcmpV6);
        if (_sockets.Find(protocol, local, remote) is not { } socket)
            return _flows.TryGetValue((protocol, local, remote), out var seen) && IsFresh(seen) ? seen.Process : null;
        var id = owners?.Find(socket.Cookie) ?? (socket.Inode == 0 ? null : await _holders.FindAsync(socket.Inode));
        if (id is { } known && Find(known) is { } process) return process with { SocketId = socket.Cookie };
        // The socket outlives whoever made it; its owner's number is still in it.
        return new ProcessInfo(id ?? 0, "", null, _users.Find(socket.Uid), socket.Uid) { SocketId = socket.Cookie };
    }

    public ProcessInfo? Find(int processId)
    {
        if (processId <= 0) return null;
        // Read again while it lives: exec changes the name behind the same id.
        if (ProcessFiles.Read(processId, _users) is { } process)
        {
            Keep(_processes, processId, process);
            return process;
        }

        return _processes.TryGetValue(processId, out var seen) && IsFresh(seen) ? seen.Process : null;
    }

    public void Observe(in SocketEvent socketEvent)
    {
        // Reads /proc, which packets are not to wait for.
        if (socketEvent.Kind is SocketEventKind.Connect or SocketEventKind.Listen)
            ThreadPool.UnsafeQueueUserWorkItem(static work => work.Lookup.Keep(work.Happened), (Lookup: this, Happened: socketEvent), preferLocal: false);
    }

    public void Dispose() => _sockets.Dispose();

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
