using System.Net.Sockets;
using FwRedirect.FirewallHost.Configuration;

namespace FwRedirect.FirewallHost.Sockets;

/// <summary>Settings that every relayed socket gets, and the hard end.</summary>
internal static class RelayedSocket
{
    /// <summary>Closes with a RST, so that the peer can not take a cut for an orderly end.</summary>
    public static void Reset(this Socket socket)
    {
        try
        {
            socket.LingerState = new LingerOption(enable: true, 0);
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // Already reset by the peer, or closed by the other direction: nothing is left to cut.
        }

        socket.Dispose();
    }

    /// <summary>Closes in order what has ended in order: bytes that are still to be sent leave.</summary>
    public static void CloseInOrder(this Socket socket)
    {
        try
        {
            socket.LingerState = new LingerOption(enable: false, 0);
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // Reset by the peer meanwhile.
        }

        socket.Dispose();
    }

    /// <summary>
    /// For a socket that will be relayed: a reset should this process be killed, since the kernel's orderly end would look like the peer's; no Nagle, since the program's own
    /// stack has decided already; keep-alive, since nobody else watches an idle one.
    /// </summary>
    public static void PrepareForRelay(this Socket socket)
    {
        socket.LingerState = new LingerOption(enable: true, 0);
        socket.NoDelay = true;
        socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive, true);
        socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveTime, (int)Limits.IdleProbe.TotalSeconds);
    }
}
