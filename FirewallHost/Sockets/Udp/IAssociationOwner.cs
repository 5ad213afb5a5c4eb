using System.Net;
using System.Net.Sockets;

namespace FwRedirect.FirewallHost.Sockets.Udp;

/// <summary>The session that an association belongs to: what only it can decide or tell its client.</summary>
internal interface IAssociationOwner
{
    /// <summary>A datagram of a peer without a mapping.</summary>
    void Stranger(UdpAssociation association, ReadOnlySpan<byte> datagram, SocketAddress from);

    /// <summary>A datagram to this mapping's peer did not arrive.</summary>
    void Undelivered(PeerMapping mapping, SocketError error);

    /// <summary>No packet larger than <paramref name="mtu"/> gets through to this mapping's peer, and the program does not know.</summary>
    void TooLarge(PeerMapping mapping, int mtu);

    /// <summary>The client has too many sockets, and this one was not used for longest.</summary>
    void Evict(UdpAssociation association);
}
