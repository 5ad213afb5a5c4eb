using System.Net;
using System.Net.Sockets;
using System.Runtime.Versioning;
using FwRedirect.Redirector.Diversion.Linux.Native;
using FwRedirect.Redirector.Packets;

namespace FwRedirect.Tests.Redirector.Diversion.Linux.Native;

[TestClass]
[TestCategory("Lab")]
[SupportedOSPlatform("linux")]
public sealed class SocketDiagnosticsTests
{
    private const byte Tcp = 6;

    public required TestContext TestContext { get; init; }

    /// <summary>A connection that somebody made to a program's server, ended; and once more when it is no more: the server goes on.</summary>
    [TestMethod]
    public async Task TheEndOfAConnectionIsNotTheEndOfItsListeningSocket()
    {
        using var pair = new NamespacePair();
        using var diagnostics = NamespacePair.Run(pair.Client, () => new SocketDiagnostics());
        using var listener = NamespacePair.Run(pair.Client, () =>
        {
            var made = new TcpListener(NamespacePair.ClientAddress, 25);
            made.Start();
            return made;
        });
        using var peer = Connected(pair);
        using var accepted = await listener.AcceptSocketAsync(TestContext.CancellationToken);
        var (local, remote) = (PacketEndpoint.From((IPEndPoint)accepted.LocalEndPoint!), PacketEndpoint.From((IPEndPoint)accepted.RemoteEndPoint!));

        Assert.IsTrue(diagnostics.Destroy(Tcp, local, remote));
        var failure = await Assert.ThrowsExactlyAsync<SocketException>(() => accepted.ReceiveAsync(new byte[1], TestContext.CancellationToken).AsTask());
        Assert.AreEqual(SocketError.ConnectionAborted, failure.SocketErrorCode);
        Assert.IsFalse(diagnostics.Destroy(Tcp, local, remote), "there is no such connection any more");

        using var next = Connected(pair);
        using var served = await listener.AcceptSocketAsync(TestContext.CancellationToken);
        Assert.AreEqual(next.LocalEndPoint, served.RemoteEndPoint);
    }

    private static Socket Connected(NamespacePair pair) => NamespacePair.Run(pair.Firewall, () =>
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Connect(NamespacePair.ClientAddress, 25);
        return socket;
    });
}
