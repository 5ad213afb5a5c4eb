using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using FwRedirect.ControlChannel.Messages;
using FwRedirect.ControlChannel.Session;
using FwRedirect.FirewallHost.Configuration;

namespace FwRedirect.FirewallHost.Sockets.Udp;

/// <summary>A program's UDP socket as the outside sees it: one port, whatever the peer (RFC 4787, REQ-1), and a mapping for each peer.</summary>
internal sealed class UdpAssociation(
    ObjectId id, IPEndPoint client, DatagramSocket socket, IAssociationOwner owner, UdpOptions options, DroppedDatagrams dropped, TimeProvider time)
    : IDatagramReceiver, IDisposable
{
    private readonly ConcurrentDictionary<SocketAddress, PeerMapping> _mappings = [];
    private long _lastUsed = time.Milliseconds();

    public ObjectId Id => id;

    /// <summary>The program's own socket.</summary>
    public IPEndPoint Client => client;

    public SocketAddress ClientAddress { get; } = client.Serialize();

    public IPEndPoint Outside => socket.Endpoint;

    public IAssociationOwner Owner => owner;

    /// <summary>Listen was asked for: unknown peers may send.</summary>
    public bool Listens { get; set; }

    public long LastUsed => Volatile.Read(ref _lastUsed);

    public int Count => _mappings.Count;

    /// <summary>As they are while they are looked at: Values would stop everybody for a copy.</summary>
    public IEnumerable<PeerMapping> Mappings => _mappings.Select(pair => pair.Value);

    public void Start() => socket.Start(this);

    public PeerMapping? Find(SocketAddress peer) => _mappings.GetValueOrDefault(peer);

    public void Add(PeerMapping mapping) => _mappings[mapping.PeerAddress] = mapping;

    public void Remove(PeerMapping mapping) => _mappings.TryRemove(KeyValuePair.Create(mapping.PeerAddress, mapping));

    /// <summary>Whether filtering lets an unknown peer at this address send; the rules are asked after that.</summary>
    public bool Admits(IPAddress address) =>
        Listens || options.Filtering == DatagramFiltering.EndpointIndependent
        || Mappings.Any(mapping => mapping.IsWanted && mapping.Peer.Address.Equals(address));

    /// <summary>Notes that it is in use.</summary>
    /// <returns>The time, which its caller needs too.</returns>
    public long Used()
    {
        var now = time.Milliseconds();
        Volatile.Write(ref _lastUsed, now);
        return now;
    }

    public bool SendOut(ReadOnlySpan<byte> datagram, PeerMapping mapping)
    {
        if (datagram.Length > options.LargestDatagram)
        {
            dropped.Count(DropReason.Oversized, ClientAddress, Outside);
            return false;
        }

        var error = socket.Send(datagram, mapping.PeerAddress);
        if (error == SocketError.Success)
            return true;
        dropped.Count(error == SocketError.MessageSize ? DropReason.Oversized : DropReason.NotSent, ClientAddress, Outside);
        if (error is SocketError.NetworkUnreachable or SocketError.HostUnreachable or SocketError.HostDown)
            owner.Undelivered(mapping, error);
        return false;
    }

    public void Drop(DropReason reason, SocketAddress from) => dropped.Count(reason, from, Outside);

    public void Receive(ReadOnlySpan<byte> datagram, SocketAddress from)
    {
        if (datagram.Length > options.LargestDatagram)
            dropped.Count(DropReason.Oversized, from, Outside);
        else if (_mappings.TryGetValue(from, out var mapping))
            mapping.SendIn(datagram);
        else
            owner.Stranger(this, datagram, from);
    }

    public void Undelivered(SocketAddress peer, SocketError error)
    {
        if (Find(peer) is { } mapping)
            owner.Undelivered(mapping, error);
    }

    public void TooLarge(SocketAddress peer, int mtu)
    {
        if (Find(peer) is { } mapping)
            mapping.Narrow(mtu);
    }

    public void Dispose() => socket.Dispose();
}
