using System.Net;
using System.Net.Sockets;

namespace FwRedirect.Tests.FirewallHost;

/// <summary>Two ends of one loopback TCP connection.</summary>
internal sealed class SocketPair : IDisposable
{
    private SocketPair(Socket near, Socket far)
    {
        Near = near;
        Far = far;
    }

    /// <summary>The end that the code under test gets.</summary>
    public Socket Near { get; }

    /// <summary>The test's own end.</summary>
    public Socket Far { get; }

    public static async Task<SocketPair> ConnectAsync(AddressFamily family = AddressFamily.InterNetwork)
    {
        using var listener = new Socket(family, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(family == AddressFamily.InterNetwork ? IPAddress.Loopback : IPAddress.IPv6Loopback, 0));
        listener.Listen();
        var far = new Socket(family, SocketType.Stream, ProtocolType.Tcp);
        await far.ConnectAsync(listener.LocalEndPoint!);
        return new SocketPair(await listener.AcceptAsync(), far);
    }

    public void Dispose()
    {
        Near.Dispose();
        Far.Dispose();
    }

    /// <summary>Reads what comes until the end; a reset is an exception.</summary>
    public static async Task<byte[]> ReadToEndAsync(Socket socket)
    {
        var all = new MemoryStream();
        var buffer = new byte[65536];
        while (await socket.ReceiveAsync(buffer, SocketFlags.None) is > 0 and var count)
            all.Write(buffer, 0, count);
        return all.ToArray();
    }

    /// <summary>Waits for the peer's reset.</summary>
    public static async Task AssertResetAsync(Socket socket)
    {
        var e = await Assert.ThrowsExactlyAsync<SocketException>(async () => await ReadToEndAsync(socket));
        Assert.AreEqual(SocketError.ConnectionReset, e.SocketErrorCode);
    }
}
