using System.Runtime.InteropServices;
using System.Runtime.Versioning;
using FwRedirect.Redirector.Diversion;
using FwRedirect.Redirector.Packets;

namespace FwRedirect.Redirector.Processes.Windows;

/// <summary>
/// Whose socket is it, from the socket events alone: every socket by protocol and port, and every connection (for UDP: every peer) by both its ends.
/// Not thread-safe.
/// </summary>
[SupportedOSPlatform("windows")]
internal sealed class ObservedSockets(TimeProvider time)
{
    /// <summary>The kernel: SMB, HTTP.sys, drivers.</summary>
    public const int SystemProcess = 4;

    private readonly Dictionary<(byte Protocol, ushort Port), List<ObservedSocket>> _byPort = [];
    private readonly Dictionary<(byte Protocol, PacketEndpoint Local, PacketEndpoint Remote), Connection> _connections = [];
    private int _count;

    /// <summary>A connection has its own owner: a socket may be handed on after its bind.</summary>
    private readonly record struct Connection(ObservedSocket Socket, SocketOwner Owner);

    public int Count => _count;

    public int Connections => _connections.Count;

    public void Take(in SocketEvent happened)
    {
        if (happened.Kind == SocketEventKind.Close)
            Close(happened);
        else if (happened.ProcessId != 0)
            Open(happened);
    }

    /// <summary>What a table of the system told. Older than any event that came while it was read, which it leaves alone.</summary>
    /// <param name="at">Before the table was read.</param>
    public void TakeFromTable(byte protocol, PacketEndpoint local, PacketEndpoint remote, int processId, long at)
    {
        if (!Sockets(protocol, local.Port).Exists(s => s.At > at && s.Covers(local)))
            Open(new SocketEvent(SocketEventKind.Connect, protocol, local, remote, processId, SocketId: 0, at));
    }

    /// <summary>The owner of exactly this connection, while it is open.</summary>
    public SocketOwner? FindConnection(byte protocol, PacketEndpoint local, PacketEndpoint remote) =>
        _connections.TryGetValue((protocol, local, remote), out var connection) && connection.Socket.ClosedAt is null ? connection.Owner : null;

    /// <summary>The owner of the open socket with this end: of the one with its very address before one on all addresses, the latest first.</summary>
    public SocketOwner? FindSocket(byte protocol, PacketEndpoint local)
    {
        ObservedSocket? best = null;
        foreach (var socket in Sockets(protocol, local.Port))
        {
            if (socket.ClosedAt is null && socket.Covers(local) && (best is null || IsBetter(socket, best)))
                best = socket;
        }

        return best is null ? null : new SocketOwner(best.ProcessId, best.At, best.Id);
    }

    /// <summary>Who had a connection that is closed, or the port, for as long as that lingers.</summary>
    public SocketOwner? FindClosed(byte protocol, PacketEndpoint local, PacketEndpoint remote)
    {
        if (_connections.TryGetValue((protocol, local, remote), out var connection))
            return connection.Owner;
        ObservedSocket? last = null;
        foreach (var socket in Sockets(protocol, local.Port))
        {
            if (socket.Covers(local) && (last is null || socket.At > last.At))
                last = socket;
        }

        return last is null ? null : new SocketOwner(last.ProcessId, last.At, last.Id);
    }

    /// <summary>Forgets what was closed long ago.</summary>
    public void Sweep() => Remove(s => s.ClosedAt is { } closed && time.GetElapsedTime(closed) >= ProcessLookupLimits.Linger);

    private void Open(in SocketEvent happened)
    {
        var sockets = Sockets(happened.Protocol, happened.Local.Port);
        if (happened.ProcessId == SystemProcess && IsAProgramsOwn(sockets, happened.Local))
            return;
        var socket = Find(sockets, happened) ?? Add(happened);
        if (happened.Timestamp >= socket.At)
            (socket.ProcessId, socket.At) = (happened.ProcessId, happened.Timestamp);
        if (happened.Kind != SocketEventKind.Connect)
            return;
        ref var connection = ref CollectionsMarshal.GetValueRefOrAddDefault(_connections, (happened.Protocol, happened.Local, happened.Remote), out var known);
        if (!known || connection.Owner.At <= happened.Timestamp || connection.Owner.ProcessId == SystemProcess)
            connection = new Connection(socket, new SocketOwner(happened.ProcessId, happened.Timestamp, happened.SocketId));
        if (_connections.Count > ProcessLookupLimits.Sockets)
            Evict();
    }

    /// <summary>Comes up to twice for a socket, and without a peer: nothing here depends on how often.</summary>
    private void Close(in SocketEvent happened)
    {
        foreach (var socket in Sockets(happened.Protocol, happened.Local.Port))
        {
            // What only a table told of has no id; the process and the end must do.
            var isIt = socket.Id == 0 ? socket.ProcessId == happened.ProcessId && socket.Covers(happened.Local) : socket.Id == happened.SocketId;
            if (isIt)
                socket.ClosedAt ??= happened.Timestamp;
        }
    }

    /// <summary>The kernel connects once more on the port of a program's socket, which stays the program's.</summary>
    private static bool IsAProgramsOwn(List<ObservedSocket> sockets, PacketEndpoint local) =>
        sockets.Exists(s => s.ClosedAt is null && s.ProcessId != SystemProcess && (s.Covers(local) || local.Address == 0));

    private static ObservedSocket? Find(List<ObservedSocket> sockets, in SocketEvent happened)
    {
        foreach (var socket in sockets)
        {
            // The same endpoint may be told of with a wildcard at its bind and with an address at its connect: two ends, each found by its own.
            if (socket.Id == happened.SocketId && socket.ClosedAt is null && socket.Local == happened.Local)
                return socket;
        }

        return null;
    }

    private ObservedSocket Add(in SocketEvent happened)
    {
        var socket = new ObservedSocket(happened.Protocol, happened.Local, happened.SocketId) { At = long.MinValue };
        if (!_byPort.TryGetValue((happened.Protocol, happened.Local.Port), out var sockets))
            _byPort[(happened.Protocol, happened.Local.Port)] = sockets = [];
        sockets.Add(socket);
        if (++_count > ProcessLookupLimits.Sockets)
        {
            (socket.ProcessId, socket.At) = (happened.ProcessId, happened.Timestamp);
            Evict();
        }

        return socket;
    }

    private void Evict()
    {
        var ages = _connections.Values.Select(c => c.Owner.At).Concat(_byPort.Values.SelectMany(l => l).Select(s => s.At)).ToArray();
        Array.Sort(ages);
        var limit = ages[ages.Length / ProcessLookupLimits.EvictedPart];
        foreach (var (key, connection) in _connections)
        {
            if (connection.Owner.At <= limit)
                _connections.Remove(key);
        }

        Remove(s => s.At <= limit);
    }

    private void Remove(Func<ObservedSocket, bool> which)
    {
        foreach (var (key, sockets) in _byPort)
        {
            _count -= sockets.RemoveAll(s => which(s));
            if (sockets.Count == 0)
                _byPort.Remove(key);
        }

        foreach (var (key, connection) in _connections)
        {
            if (which(connection.Socket))
                _connections.Remove(key);
        }
    }

    private List<ObservedSocket> Sockets(byte protocol, ushort port) => _byPort.TryGetValue((protocol, port), out var sockets) ? sockets : [];

    private static bool IsBetter(ObservedSocket socket, ObservedSocket than) =>
        socket.IsWildcard != than.IsWildcard ? !socket.IsWildcard : socket.At > than.At;
}
