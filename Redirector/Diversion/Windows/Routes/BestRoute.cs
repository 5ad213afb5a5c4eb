using System.Net;
using System.Net.Sockets;
using System.Runtime.Versioning;

namespace FwRedirect.Redirector.Diversion.Windows.Routes;

/// <summary>Which of this machine's addresses the system would send from.</summary>
[SupportedOSPlatform("windows")]
internal static class BestRoute
{
    /// <summary>Any: nothing is sent there.</summary>
    private const int AnyPort = 9;

    /// <summary>
    /// The source address on the way to <paramref name="destination"/>; null where there is no way. To connect a UDP socket looks the route up and sends
    /// nothing, on every system alike; GetBestRoute2 would say the same on Windows alone.
    /// </summary>
    public static IPAddress? SourceAddress(IPAddress destination)
    {
        using var socket = new Socket(destination.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
        try
        {
            socket.Connect(destination, AnyPort);
            return ((IPEndPoint)socket.LocalEndPoint!).Address;
        }
        catch (SocketException)
        {
            return null;
        }
    }
}
