using FwRedirect.Redirector.Diversion;
using FwRedirect.Redirector.Packets;

namespace FwRedirect.Redirector.Journeys;

/// <summary>Which socket of the machine belongs to which <see cref="Listener"/>, from its listen() to its close. Thread-safe.</summary>
internal sealed class ListeningSockets
{
    private readonly Lock _gate = new();
    private readonly Dictionary<ulong, Entry> _sockets = [];
    private readonly Dictionary<PacketEndpoint, PublishedSocket> _listeners = [];

    /// <summary>Sockets that were looked at by these settings and are left alone.</summary>
    private readonly HashSet<ulong> _leftAlone = [];
    private object? _version;
    private bool _stopped;

    public int Count
    {
        get
        {
            lock (_gate)
                return _sockets.Count;
        }
    }

    public PublishedSocket[] Listeners()
    {
        lock (_gate)
            return [.. _listeners.Values];
    }

    /// <summary>Takes note of a socket whose listener is still to be decided on; false where it is known, as with a second listen(), which only changes the backlog.</summary>
    public bool TryReserve(ulong socketId, long now)
    {
        lock (_gate)
            return !_stopped && _sockets.TryAdd(socketId, new Entry(now));
    }

    /// <summary>Gives a reserved socket its listener: that of another socket at its endpoint, else a new one.</summary>
    /// <returns>The new one, which is the caller's to run; null where there is nothing to run, the socket having been closed meanwhile.</returns>
    public PublishedSocket? Join(ulong socketId, PacketEndpoint local, Func<PublishedSocket> create)
    {
        lock (_gate)
        {
            if (!_sockets.TryGetValue(socketId, out var entry))
                return null;
            entry.Endpoint = Shared(local);
            if (_listeners.TryGetValue(entry.Endpoint, out var there))
            {
                entry.Listener = there;
                return null;
            }

            return _listeners[entry.Endpoint] = entry.Listener = create();
        }
    }

    /// <summary>The last socket of a listener closes it.</summary>
    public void Close(ulong socketId)
    {
        PublishedSocket? last = null;
        lock (_gate)
        {
            if (!_sockets.Remove(socketId, out var entry) || entry.Listener is not { } listener || _sockets.Values.Any(other => other.Listener == listener))
                return;
            _listeners.Remove(entry.Endpoint);
            last = listener;
        }

        last.Close();
    }

    /// <summary>A listener that is not wanted any more; its sockets are nobody's then.</summary>
    public void CloseAll(PublishedSocket listener)
    {
        ulong[] sockets;
        lock (_gate)
            sockets = [.. _sockets.Where(pair => pair.Value.Listener == listener).Select(pair => pair.Key)];
        foreach (var socket in sockets)
            Close(socket);
    }

    /// <summary>From here on there are none.</summary>
    public void Stop()
    {
        lock (_gate)
            _stopped = true;
        foreach (var listener in Listeners())
            CloseAll(listener);
    }

    /// <summary>Those that listen no more, though nobody told of their close. One that came while the list was made is not in it yet.</summary>
    public ulong[] Missing(IReadOnlyList<ListeningSocket> listening, long before)
    {
        var there = listening.Select(socket => socket.SocketId).ToHashSet();
        lock (_gate)
            return [.. _sockets.Where(pair => pair.Value.Since < before && !there.Contains(pair.Key)).Select(pair => pair.Key)];
    }

    /// <summary>Those that have not been looked at by the settings of this version.</summary>
    public ListeningSocket[] Unseen(IReadOnlyList<ListeningSocket> listening, object version)
    {
        lock (_gate)
        {
            if (_version != version)
                _leftAlone.Clear();
            _version = version;
            _leftAlone.IntersectWith(listening.Select(socket => socket.SocketId));
            return [.. listening.Where(socket => !_sockets.ContainsKey(socket.SocketId) && _leftAlone.Add(socket.SocketId))];
        }
    }

    /// <summary>A server has often one socket for IPv4 and one for IPv6: outside they are one.</summary>
    private static PacketEndpoint Shared(PacketEndpoint local) =>
        local.IsIPv4 && local.IPv4 == 0 ? new PacketEndpoint(0, local.Port) : local;

    private sealed class Entry(long since)
    {
        public long Since { get; } = since;

        public PacketEndpoint Endpoint { get; set; }

        public PublishedSocket? Listener { get; set; }
    }
}
