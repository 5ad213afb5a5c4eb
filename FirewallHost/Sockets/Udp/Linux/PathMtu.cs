using System.Net;
using System.Net.Sockets;
using System.Runtime.Versioning;

namespace FwRedirect.FirewallHost.Sockets.Udp.Linux;

/// <summary>How large a packet the system knows to fit the way to an address (ip(7), IP_MTU): the interface's size, or less where a router has said so lately.</summary>
[SupportedOSPlatform("linux")]
internal static class PathMtu
{
    private const int IpLevel = 0;
    private const int IpMtu = 14;
    private const int Ipv6Level = 41;
    private const int Ipv6Mtu = 24;

    /// <summary>Null where there is no way. Only a connected socket is told: this one sends nothing.</summary>
    public static int? Find(IPEndPoint peer)
    {
        try
        {
            using var socket = new Socket(peer.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
            socket.Connect(peer);
            var value = new byte[sizeof(int)];
            _ = peer.AddressFamily == AddressFamily.InterNetwork
                ? socket.GetRawSocketOption(IpLevel, IpMtu, value) : socket.GetRawSocketOption(Ipv6Level, Ipv6Mtu, value);
            return BitConverter.ToInt32(value);
        }
        catch (SocketException)
        {
            return null;
        }
    }
}
