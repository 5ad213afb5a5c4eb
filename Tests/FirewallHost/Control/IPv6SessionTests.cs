using System.Net;
using System.Net.Sockets;
using System.Text;
using FwRedirect.ControlChannel.Messages;
using FwRedirect.ControlChannel.Wire;

namespace FwRedirect.Tests.FirewallHost.Control;

/// <summary>Sessions over IPv6: what holds for IPv4, and what an address of the other version is told.</summary>
[TestClass]
public sealed class IPv6SessionTests
{
    private const int OneMinute = 60_000;

    [TestInitialize]
    public void NeedIPv6()
    {
        if (!Socket.OSSupportsIPv6)
            Assert.Inconclusive("this machine has no IPv6");
    }

    [TestMethod]
    [Timeout(OneMinute)]
    public async Task Connect_is_relayed_to_an_inside_port_of_the_channel_s_own_address()
    {
        await using var firewall = await StartAsync();
        Assert.AreEqual(LoopbackFirewall.IPv6, firewall.Client.Setup.ExternalAddress);
        using var server = Listening();
        using var program = Bound();
        var reply = (ConnectReply)await firewall.Client.RequestAsync(Request(firewall, program, (IPEndPoint)server.LocalEndPoint!));
        using var accepted = await server.AcceptAsync();
        Assert.AreEqual((accepted.RemoteEndPoint, LoopbackFirewall.IPv6), (reply.Outside, reply.Inside.Address));

        using (var stranger = Bound())
        {
            var reset = await Assert.ThrowsExactlyAsync<SocketException>(async () =>
            {
                await stranger.ConnectAsync(reply.Inside);
                await SocketPair.ReadToEndAsync(stranger);
            });
            Assert.AreEqual(SocketError.ConnectionReset, reset.SocketErrorCode);
        }

        await program.ConnectAsync(reply.Inside);
        await program.SendAsync("LIST"u8.ToArray());
        program.Shutdown(SocketShutdown.Send);
        Assert.AreSequenceEqual("LIST"u8.ToArray(), await SocketPair.ReadToEndAsync(accepted));
    }

    [TestMethod]
    [Timeout(OneMinute)]
    public async Task Refused_foreign_and_of_the_other_version_say_so()
    {
        await using var firewall = await StartAsync();
        using var program = Bound();
        using var closed = Bound();
        Assert.AreEqual(WinsockError.WSAECONNREFUSED, await ErrorAsync(firewall, Request(firewall, program, (IPEndPoint)closed.LocalEndPoint!)));
        Assert.AreEqual(WinsockError.WSAEACCES, await ErrorAsync(firewall, new ConnectRequest(IPEndPoint.Parse("[2001:db8::21]:80"), IPEndPoint.Parse("[2001:db8::2]:80"))));
        Assert.AreEqual(WinsockError.WSAEOPNOTSUPP, await ErrorAsync(firewall, Request(firewall, program, IPEndPoint.Parse("127.42.0.3:80"))));

        await using var ipv4 = await LoopbackFirewall.StartAsync(ipv6: true);
        Assert.AreEqual(
            WinsockError.WSAEOPNOTSUPP, await ErrorAsync(ipv4, new ConnectRequest(IPEndPoint.Parse("[::1]:80"), new IPEndPoint(LoopbackFirewall.Inside, 80))));
    }

    /// <summary>It may have sessions for look-ups, and no flows.</summary>
    [TestMethod]
    [Timeout(OneMinute)]
    public async Task A_firewall_without_IPv6_outside_has_no_flows_of_it()
    {
        await using var firewall = await LoopbackFirewall.StartAsync(inside: LoopbackFirewall.IPv6);
        Assert.AreEqual(LoopbackFirewall.Outside, firewall.Client.Setup.ExternalAddress);
        using var program = Bound();
        using var server = Listening();
        var own = (IPEndPoint)program.LocalEndPoint!;
        Assert.AreEqual(WinsockError.WSAENETUNREACH, await ErrorAsync(firewall, Request(firewall, program, (IPEndPoint)server.LocalEndPoint!)));
        Assert.AreEqual(WinsockError.WSAENETUNREACH, await ErrorAsync(firewall, Request(firewall, program, IPEndPoint.Parse("[2001:db8::2]:53"))));
        foreach (var protocol in new[] { BindProtocol.Tcp, BindProtocol.Udp })
        {
            Assert.AreEqual(WinsockError.WSAEADDRNOTAVAIL, await ErrorAsync(firewall, new BindRequest(protocol, new IPEndPoint(IPAddress.IPv6Any, 0), own)));
            Assert.AreEqual(WinsockError.WSAEADDRNOTAVAIL, await ErrorAsync(firewall, new BindRequest(protocol, new IPEndPoint(LoopbackFirewall.Outside, 0), own)));
        }
    }

    [TestMethod]
    [Timeout(OneMinute)]
    public async Task A_listening_program_is_reached()
    {
        await using var firewall = await StartAsync();
        using var program = Listening();
        var (_, outside) = await BindAndListenAsync(firewall, (IPEndPoint)program.LocalEndPoint!);
        Assert.AreEqual(LoopbackFirewall.IPv6, outside.Address);
        using var peer = Bound();
        await peer.ConnectAsync(outside);
        using var accepted = await AcceptAsync(firewall, program);
        await peer.SendAsync("data"u8.ToArray());
        peer.Shutdown(SocketShutdown.Send);
        Assert.AreSequenceEqual("data"u8.ToArray(), await SocketPair.ReadToEndAsync(accepted));
        Assert.AreEqual(
            WinsockError.WSAEADDRNOTAVAIL, await ErrorAsync(firewall, new BindRequest(BindProtocol.Tcp, new IPEndPoint(LoopbackFirewall.Outside, 0), (IPEndPoint)program.LocalEndPoint!)));
    }

    [TestMethod]
    [Timeout(OneMinute)]
    public async Task Datagrams_go_both_ways_and_a_closed_port_is_told()
    {
        await using var firewall = await StartAsync();
        using var program = new UdpProgram("::1");
        var peer = new UdpProgram("::1");
        await program.BindAsync(firewall);
        var reply = await program.ConnectAsync(firewall, peer.Endpoint);
        program.Send(reply.Inside, "question");
        await peer.AssertReceivesAsync("question", program.Outside);
        peer.Send(program.Outside, "answer");
        await program.AssertReceivesAsync("answer", reply.Inside);
        Assert.AreEqual(WinsockError.WSAEOPNOTSUPP, await program.ConnectErrorAsync(firewall, IPEndPoint.Parse("127.42.0.3:53")));

        if (!OperatingSystem.IsLinux())
            return;
        peer.Dispose();
        program.Send(reply.Inside, "nobody is there");
        var error = firewall.Errors.Take();
        Assert.AreEqual((WinsockError.WSAECONNREFUSED, peer.Endpoint), (error.Error, error.Peer));
    }

    /// <summary>EPRT names the program's own address and port, and the server has to see those outside.</summary>
    [TestMethod]
    [Timeout(OneMinute)]
    public async Task Ftp_s_EPRT_names_what_listens_outside()
    {
        await using var firewall = await StartAsync();
        using var server = Listening(21);
        using var program = Bound();
        using var data = Listening();
        var own = (IPEndPoint)data.LocalEndPoint!;
        var reply = (ConnectReply)await firewall.Client.RequestAsync(Request(firewall, program, (IPEndPoint)server.LocalEndPoint!));
        using var control = await server.AcceptAsync();
        await program.ConnectAsync(reply.Inside);
        var (_, outside) = await BindAndListenAsync(firewall, own);
        Assert.AreNotEqual(own, outside);
        await program.SendAsync(Encoding.ASCII.GetBytes($"EPSV\r\nEPRT |2|::1|{own.Port}|\r\n"));
        program.Shutdown(SocketShutdown.Send);
        Assert.AreEqual($"EPSV\r\nEPRT |2|::1|{outside.Port}|\r\n", Encoding.ASCII.GetString(await SocketPair.ReadToEndAsync(control)));

        using var active = Bound();
        await active.ConnectAsync(outside);
        using var accepted = await AcceptAsync(firewall, data);
        Assert.AreEqual(LoopbackFirewall.IPv6, ((IPEndPoint)accepted.RemoteEndPoint!).Address);
    }

    private static Task<LoopbackFirewall> StartAsync() => LoopbackFirewall.StartAsync(inside: LoopbackFirewall.IPv6, ipv6: true);

    private static async Task<(ObjectId Id, IPEndPoint Outside)> BindAndListenAsync(LoopbackFirewall firewall, IPEndPoint program)
    {
        var id = firewall.Client.Ids.Next(boundSocket: true);
        var bound = (BindReply)await firewall.Client.RequestAsync(new BindRequest(BindProtocol.Tcp, new IPEndPoint(IPAddress.IPv6Any, 0), program) { Id = id });
        await firewall.Client.RequestAsync(new ListenRequest(bound.Outside, 5) { Id = id });
        return (id, bound.Outside);
    }

    /// <summary>Acknowledges the next mapping as the redirector does, and takes the firewall's connection.</summary>
    private static async Task<Socket> AcceptAsync(LoopbackFirewall firewall, Socket program)
    {
        var mapping = firewall.Mappings.Take();
        firewall.Client.Notify(
            new MappingReceived(mapping.ClientEndpoint, mapping.Inside, mapping.Outside, mapping.Peer) { Id = mapping.Id, FirewallMapping = mapping.FirewallMapping });
        var accepted = await program.AcceptAsync();
        Assert.AreEqual(mapping.Inside, accepted.RemoteEndPoint);
        return accepted;
    }

    private static async Task<WinsockError> ErrorAsync(LoopbackFirewall firewall, RwsMessage request)
    {
        var reply = await firewall.Client.RequestAsync(request with { Id = firewall.Client.Ids.Next(request is BindRequest) });
        Assert.IsInstanceOfType<ErrorReply>(reply, reply.Describe());
        return ((ErrorReply)reply).Error;
    }

    private static ConnectRequest Request(LoopbackFirewall firewall, Socket program, IPEndPoint server) =>
        new(server, (IPEndPoint)program.LocalEndPoint!) { Id = firewall.Client.Ids.Next() };

    private static Socket Bound()
    {
        var socket = new Socket(AddressFamily.InterNetworkV6, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.IPv6Loopback, 0));
        return socket;
    }

    private static Socket Listening(int port = 0)
    {
        var socket = new Socket(AddressFamily.InterNetworkV6, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.IPv6Loopback, port));
        socket.Listen();
        return socket;
    }
}
