using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Logging;

namespace FwRedirect.FirewallHost.Sockets.Udp;

/// <summary>One UDP socket inside. For each client socket it stands for one peer; datagrams of anybody else are dropped.</summary>
internal sealed class InsideDatagramPort : IDatagramReceiver, IDisposable
{
    private readonly ConcurrentDictionary<SocketAddress, PeerMapping> _mappings = [];
    private readonly DatagramSocket _socket;
    private readonly DroppedDatagrams _dropped;

    /// <exception cref="SocketException">The port can not be had.</exception>
    public InsideDatagramPort(IPEndPoint endpoint, DroppedDatagrams dropped, ILogger logger)
    {
        _dropped = dropped;
        // A program whose socket is gone says so to its own machine; nobody outside is told by us.
        _socket = new DatagramSocket(endpoint, hearsErrors: false, logger);
        _socket.Start(this);
    }

    public IPEndPoint Endpoint => _socket.Endpoint;

    /// <summary>From here on datagrams of the mapping's client go to its peer.</summary>
    public void Add(PeerMapping mapping) => _mappings[mapping.Association.ClientAddress] = mapping;

    public void Remove(PeerMapping mapping) => _mappings.TryRemove(KeyValuePair.Create(mapping.Association.ClientAddress, mapping));

    public SocketError Send(ReadOnlySpan<byte> datagram, SocketAddress client) => _socket.Send(datagram, client);

    public void Receive(ReadOnlySpan<byte> datagram, SocketAddress from)
    {
        if (_mappings.TryGetValue(from, out var mapping))
            mapping.SendOut(datagram);
        else
            _dropped.Count(DropReason.NotAnnounced, from, Endpoint);
    }

    public void Undelivered(SocketAddress peer, SocketError error)
    {
        // On Windows a client's closed port comes here; its own machine knows.
    }

    public void TooLarge(SocketAddress peer, int mtu)
    {
        // The kernel cuts what is larger from now on: nobody asked for whole ones here.
    }

    public void Dispose() => _socket.Dispose();
}
