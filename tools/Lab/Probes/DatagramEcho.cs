using System.Net;
using System.Net.Sockets;

namespace FwRedirect.Lab.Probes;

/// <summary>Sends every datagram back to whom it came from.</summary>
internal static class DatagramEcho
{
    private const int Buffer = 4 << 20;

    public static async Task RunAsync(IPEndPoint endpoint, CancellationToken cancellation)
    {
        using var socket = new Socket(endpoint.AddressFamily, SocketType.Dgram, ProtocolType.Udp) { ReceiveBufferSize = Buffer, SendBufferSize = Buffer };
        socket.Bind(endpoint);
        byte[] datagram = new byte[ushort.MaxValue];
        var from = new SocketAddress(endpoint.AddressFamily);
        while (!cancellation.IsCancellationRequested)
        {
            try
            {
                int length = await socket.ReceiveFromAsync(datagram, SocketFlags.None, from, cancellation);
                await socket.SendToAsync(datagram.AsMemory(0, length), SocketFlags.None, from, cancellation);
            }
            catch (SocketException)
            {
                // An earlier answer came to nothing: its receiver's affair.
            }
        }
    }
}
