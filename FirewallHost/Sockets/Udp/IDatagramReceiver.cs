using System.Net;
using System.Net.Sockets;

namespace FwRedirect.FirewallHost.Sockets.Udp;

/// <summary>Who takes what comes to a UDP socket. Called from the socket's loop; must not block.</summary>
internal interface IDatagramReceiver
{
    /// <param name="datagram">Its bytes, until the return.</param>
    /// <param name="from">The sender; the instance is used again for the next one.</param>
    void Receive(ReadOnlySpan<byte> datagram, SocketAddress from);

    /// <summary>The network says that a datagram to <paramref name="peer"/> did not arrive. May come from any thread.</summary>
    void Undelivered(SocketAddress peer, SocketError error);

    /// <summary>A router on the way to <paramref name="peer"/> says that no packet larger than <paramref name="mtu"/> gets through. May come from any thread.</summary>
    void TooLarge(SocketAddress peer, int mtu);
}
