using System.Net;
using System.Net.Sockets;

namespace FwRedirect.Lab.Probes;

/// <summary>Sends back what it gets, byte for byte, until the peer closes.</summary>
internal static class EchoListener
{
    public static async Task RunAsync(IPEndPoint endpoint, CancellationToken cancellation)
    {
        using var listener = new Socket(endpoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        listener.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.ReuseAddress, true);
        listener.Bind(endpoint);
        listener.Listen(4096);
        while (!cancellation.IsCancellationRequested)
        {
            Socket peer = await listener.AcceptAsync(cancellation);
            _ = EchoAsync(peer, cancellation);
        }
    }

    private static async Task EchoAsync(Socket peer, CancellationToken cancellation)
    {
        using (peer)
        {
            peer.NoDelay = true;
            byte[] buffer = new byte[4096];
            try
            {
                int count;
                while ((count = await peer.ReceiveAsync(buffer, cancellation)) > 0)
                    await peer.SendAsync(buffer.AsMemory(0, count), cancellation);
            }
            catch (Exception exception) when (exception is SocketException or OperationCanceledException)
            {
                // The peer's way to end is the peer's affair.
            }
        }
    }
}
