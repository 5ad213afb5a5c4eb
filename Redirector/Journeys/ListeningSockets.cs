using System.Net.Sockets;
using FwRedirect.Redirector.Diversion;
using FwRedirect.Redirector.Packets;

namespace FwRedirect.Redirector.Journeys;

/// <summary>Which socket of the machine belongs to which <see cref="PublishedSocket"/>, or two of them, from its listen() to its close. Thread-safe.</summary>
internal sealed class ListeningSockets
{
    private readonly Lock _gate = new();
    private readonly Dictionary<ulong, Entry> _sockets = [];
    private readonly Dictionary<(PacketEndpoint Endpoint, AddressFamily Family), PublishedSocket> _listeners = [];

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

    /// <summary>Gives a reserved socket its listener for an IP version: that of another socket at its endpoint, else a new one.</summary>
    /// <returns>The new one, which is the caller's to run; null where there is nothing to run, the socket having been closed meanwhile.</returns>
    public PublishedSocket? Join(ulong socketId, PacketEndpoint local, AddressFamily family, Func<PublishedSocket> create)
    {
        lock (_gate)
        {
            if (!_sockets.TryGetValue(socketId, out var entry))
                return null;
            var isNew = !_listeners.TryGetValue((Shared(local), family), out var listener);
            listener ??= create();
            _listeners[(Shared(local), family)] = listener;
            entry.Listeners.Add(listener);
            return isNew ? listener : null;
        }
    }

    /// <summary>A socket does not take this IP version, as it turned out.</summary>
    public void Leave(ulong socketId, AddressFamily family)
    {
        PublishedSocket? left;
        lock (_gate)
        {
            left = _sockets.GetValueOrDefault(socketId)?.Listeners.Find(listener => listener.Family == family);
            if (left is null)
                return;
            _sockets[socketId].Listeners.Remove(left);
            if (!Forget(left))
                return;
        }

        left.Close();
    }

    /// <summary>The last socket of a listener closes it.</summary>
    public void Close(ulong socketId)
    {
        PublishedSocket[] last;
        lock (_gate)
            last = _sockets.Remove(socketId, out var entry) ? [.. entry.Listeners.Where(Forget)] : [];
        foreach (var listener in last)
            listener.Close();
    }

    /// <summary>A listener that is not wanted any more; its sockets are nobody's then.</summary>
    public void CloseAll(PublishedSocket listener)
    {
        ulong[] sockets;
        lock (_gate)
            sockets = [.. _sockets.Where(pair => pair.Value.Listeners.Contains(listener)).Select(pair => pair.Key)];
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

    /// <summary>Under the lock. False while other sockets have it.</summary>
    private bool Forget(PublishedSocket listener) =>
        !_sockets.Values.Any(other => other.Listeners.Contains(listener)) && _listeners.Remove((Shared(listener.Local), listener.Family));

    private sealed class Entry(long since)
    {
        public long Since { get; } = since;

        /// <summary>One for each IP version that the socket takes.</summary>
        public List<PublishedSocket> Listeners { get; } = [];
    }
}
