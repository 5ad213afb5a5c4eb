using System.Net;
using FwRedirect.ControlChannel.Messages;
using FwRedirect.ControlChannel.Session;
using FwRedirect.ControlChannel.Wire;
using FwRedirect.FirewallHost.Configuration;

namespace FwRedirect.FirewallHost.Sockets.Udp;

/// <summary>
/// The UDP sockets of one session and their mappings, by every name that they have. Whoever makes room or ends something here gets what ended, and tells the client and the
/// log of it after the call: the channel's lock must not be taken under ours.
/// </summary>
internal sealed class SessionAssociations(IPAddress inside, IInsideDatagramPorts ports, AssociationQuota quota, UdpOptions options, TimeProvider time)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<ObjectId, UdpAssociation> _associations = [];
    private readonly Dictionary<ObjectId, PeerMapping> _connects = [];
    private readonly Dictionary<uint, PeerMapping> _mappings = [];
    private int _pending;
    private bool _ended;

    public int Count
    {
        get
        {
            lock (_lock)
                return _associations.Count;
        }
    }

    public UdpAssociation[] All()
    {
        lock (_lock)
            return [.. _associations.Values];
    }

    public PeerMapping[] Mappings()
    {
        lock (_lock)
            return [.. _mappings.Values];
    }

    public UdpAssociation? Find(ObjectId id)
    {
        lock (_lock)
            return _associations.GetValueOrDefault(id);
    }

    public PeerMapping? FindConnect(ObjectId id)
    {
        lock (_lock)
            return _connects.GetValueOrDefault(id);
    }

    public PeerMapping? FindMapping(uint number)
    {
        lock (_lock)
            return _mappings.GetValueOrDefault(number);
    }

    /// <summary>True where a UDP socket or a peer has this id.</summary>
    public bool Owns(ObjectId id)
    {
        lock (_lock)
            return _associations.ContainsKey(id) || _connects.ContainsKey(id);
    }

    /// <summary>The port behind the outside port of the socket whose own port is the one before this, where that was moved: RTCP's.</summary>
    public int? PortBehindNeighbour(IPEndPoint client)
    {
        if (client.Port % 2 == 0)
            return null;
        lock (_lock)
        {
            var neighbour = _associations.Values.FirstOrDefault(one => one.Client.Port == client.Port - 1 && one.Client.Address.Equals(client.Address));
            return neighbour?.Outside.Port + 1;
        }
    }

    /// <returns>False where the id is in use or the session is over.</returns>
    /// <param name="displaced">The one that had to go for it, still to be ended.</param>
    public bool TryAdd(UdpAssociation association, out UdpAssociation? displaced)
    {
        displaced = null;
        lock (_lock)
        {
            if (_ended || _connects.ContainsKey(association.Id) || !_associations.TryAdd(association.Id, association))
                return false;
            if (_associations.Count > Limits.UdpSocketsPerSession)
                displaced = _associations.Values.Where(one => one != association).MinBy(one => one.LastUsed);
        }

        quota.Add(association);
        return true;
    }

    /// <summary>The mapping of a peer that the program sends to; one that the peer began is joined.</summary>
    /// <exception cref="SocketFailure">There is no place for it.</exception>
    public PeerMapping Connect(UdpAssociation association, IPEndPoint peer, ObjectId id, uint number, List<PeerMapping> evicted)
    {
        lock (_lock)
        {
            if (_ended || !_associations.ContainsKey(association.Id))
                throw new SocketFailure(WinsockError.WSAEINVAL, $"{association.Id} is not bound");
            if (_associations.ContainsKey(id) || _connects.ContainsKey(id))
                throw new SocketFailure(WinsockError.WSAEINVAL, $"{id} is in use");
            var mapping = association.Find(peer.Serialize());
            if (mapping?.Connect is { } other)
                throw new SocketFailure(WinsockError.WSAEINVAL, $"{peer.Slash()} is a peer of {association.Id} already, as {other}");
            if (mapping is null)
            {
                mapping = Add(association, peer, number, isInbound: false, evicted)
                    ?? throw new SocketFailure(WinsockError.WSAENOBUFS, $"no inside port is left for a further peer of {association.Client.Slash()}");
            }
            else if (!mapping.IsOpen)
            {
                _pending--;
            }

            mapping.Connect = id;
            _connects.Add(id, mapping);
            mapping.Open();
            return mapping;
        }
    }

    /// <summary>The mapping of a peer that nobody asked for; null where there is no place: it never pushes a peer out that the program wanted.</summary>
    /// <param name="isNew">False where it came about meanwhile.</param>
    public PeerMapping? Meet(UdpAssociation association, IPEndPoint peer, uint number, List<PeerMapping> evicted, out bool isNew)
    {
        lock (_lock)
        {
            isNew = false;
            if (_ended || !_associations.ContainsKey(association.Id))
                return null;
            if (association.Find(peer.Serialize()) is { } there)
                return there;
            if (_pending >= Limits.PendingPeersPerSession)
                return null;
            if (Add(association, peer, number, isInbound: true, evicted) is not { } mapping)
                return null;
            _pending++;
            isNew = true;
            return mapping;
        }
    }

    /// <summary>The client knows of the mapping.</summary>
    public void Confirm(PeerMapping mapping)
    {
        lock (_lock)
        {
            if (!mapping.IsOpen && _mappings.ContainsKey(mapping.Number))
                _pending--;
            mapping.Open();
        }
    }

    /// <returns>False where it has ended already.</returns>
    public bool Remove(PeerMapping mapping)
    {
        lock (_lock)
            return RemoveLocked(mapping);
    }

    /// <summary>Ends a socket with all its mappings; null where it has ended already.</summary>
    public PeerMapping[]? Remove(UdpAssociation association)
    {
        PeerMapping[] mappings;
        lock (_lock)
        {
            if (!_associations.Remove(association.Id))
                return null;
            mappings = [.. association.Mappings];
            foreach (var mapping in mappings)
                RemoveLocked(mapping);
        }

        association.Dispose();
        ports.Forget(association.Client, inside);
        quota.Remove(association);
        return mappings;
    }

    /// <summary>No more come; what is there is the caller's to end.</summary>
    public UdpAssociation[] End()
    {
        lock (_lock)
        {
            _ended = true;
            return [.. _associations.Values];
        }
    }

    /// <summary>What has been quiet for too long, still to be ended.</summary>
    public (PeerMapping[] NotAcknowledged, PeerMapping[] IdleMappings, UdpAssociation[] IdleSockets) FindIdle()
    {
        var now = time.Milliseconds();
        lock (_lock)
        {
            return (
                [.. _mappings.Values.Where(mapping => !mapping.IsOpen && now - mapping.Started >= Limits.MappingDeadline.TotalMilliseconds)],
                [.. _mappings.Values.Where(mapping => mapping.IsOpen && now - mapping.LastRefresh(options.Refresh) >= options.Idle.TotalMilliseconds)],
                [.. _associations.Values.Where(one => one is { Count: 0, Listens: false } && now - one.LastUsed >= Limits.UdpSocketIdle.TotalMilliseconds)]);
        }
    }

    private PeerMapping? Add(UdpAssociation association, IPEndPoint peer, uint number, bool isInbound, List<PeerMapping> evicted)
    {
        var port = association.Count < Limits.PeersPerSocket && _mappings.Count < Limits.PeersPerSession ? ports.TryTake(association.Client, inside) : null;
        if (port is null)
        {
            var candidates = (_mappings.Count < Limits.PeersPerSession ? association.Mappings : _mappings.Values).Where(one => !isInbound || !one.IsWanted);
            if (candidates.MinBy(one => one.LastUsed) is not { } oldest)
                return null;
            RemoveLocked(oldest);
            evicted.Add(oldest);
            port = ports.TryTake(association.Client, inside);
            if (port is null)
                return null;
        }

        var mapping = new PeerMapping(number, association, peer, port, time.Milliseconds()) { IsInbound = isInbound };
        _mappings.Add(number, mapping);
        association.Add(mapping);
        port.Add(mapping);
        return mapping;
    }

    private bool RemoveLocked(PeerMapping mapping)
    {
        if (!_mappings.Remove(mapping.Number))
            return false;
        if (!mapping.IsOpen)
            _pending--;
        if (mapping.Connect is { } id)
            _connects.Remove(id);
        mapping.Association.Remove(mapping);
        mapping.Port.Remove(mapping);
        ports.Release(mapping.Association.Client, mapping.Port);
        return true;
    }
}
