using System.Net;
using System.Net.Sockets;
using System.Text;
using FwRedirect.ControlChannel.Messages;
using FwRedirect.ControlChannel.Wire;

namespace FwRedirect.Tests.FirewallHost.Control;

/// <summary>A UDP socket of a program, of a peer, or of nobody: on the loopback, with deadlines.</summary>
internal sealed class UdpProgram : IDisposable
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(20);

    /// <summary>Nothing came for so long: for datagrams that must not come, behind one that did.</summary>
    private static readonly TimeSpan Quiet = TimeSpan.FromMilliseconds(100);

    private readonly Socket _socket;

    /// <param name="address">The client's own where it is left out.</param>
    public UdpProgram(string address = "127.0.0.1", int port = 0)
    {
        var own = new IPEndPoint(IPAddress.Parse(address), port);
        _socket = new Socket(own.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
        _socket.Bind(own);
        Endpoint = (IPEndPoint)_socket.LocalEndPoint!;
    }

    public IPEndPoint Endpoint { get; }

    public ObjectId Id { get; private set; }

    public IPEndPoint Outside { get; private set; } = new(0, 0);

    public Socket Socket => _socket;

    /// <summary>Binds it at the firewall, as the redirector does: its own port is wanted.</summary>
    public async Task BindAsync(LoopbackFirewall firewall, int? wanted = null)
    {
        Id = firewall.Client.Ids.Next(boundSocket: true);
        var outside = Endpoint.AddressFamily == AddressFamily.InterNetwork ? LoopbackFirewall.Outside : LoopbackFirewall.IPv6;
        var reply = await firewall.Client.RequestAsync(
            new BindRequest(BindProtocol.Udp, new IPEndPoint(outside, wanted ?? Endpoint.Port), Endpoint) { Id = Id });
        Assert.IsInstanceOfType<BindReply>(reply, reply.Describe());
        Outside = ((BindReply)reply).Outside;
    }

    public ConnectRequest Request(LoopbackFirewall firewall, IPEndPoint peer) =>
        new(peer, Endpoint) { Id = firewall.Client.Ids.Next(), Association = new Association(Id) };

    public async Task<ConnectReply> ConnectAsync(LoopbackFirewall firewall, IPEndPoint peer)
    {
        var reply = await firewall.Client.RequestAsync(Request(firewall, peer));
        Assert.IsInstanceOfType<ConnectReply>(reply, reply.Describe());
        return (ConnectReply)reply;
    }

    public async Task<WinsockError> ConnectErrorAsync(LoopbackFirewall firewall, IPEndPoint peer)
    {
        var reply = await firewall.Client.RequestAsync(Request(firewall, peer));
        Assert.IsInstanceOfType<ErrorReply>(reply, reply.Describe());
        return ((ErrorReply)reply).Error;
    }

    public void Send(IPEndPoint to, string text) => _socket.SendTo(Encoding.ASCII.GetBytes(text), to);

    public async Task<(string Text, IPEndPoint From)> ReceiveAsync()
    {
        var buffer = new byte[65536];
        using var deadline = new CancellationTokenSource(Deadline);
        var received = await _socket.ReceiveFromAsync(buffer, SocketFlags.None, Endpoint, deadline.Token);
        return (Encoding.ASCII.GetString(buffer, 0, received.ReceivedBytes), (IPEndPoint)received.RemoteEndPoint);
    }

    public async Task AssertReceivesAsync(string text, IPEndPoint from) => Assert.AreEqual((text, from), await ReceiveAsync());

    /// <summary>For what must not arrive: asked behind something that was sent later and has arrived.</summary>
    public void AssertQuiet() => Assert.IsFalse(_socket.Poll(Quiet, SelectMode.SelectRead), "a datagram came");

    public void Dispose() => _socket.Dispose();
}
