using System.Net;
using System.Net.Sockets;
using FwRedirect.ControlChannel.Messages;

namespace FwRedirect.Tests.FirewallHost.Control;

/// <summary>What the outside sees of one client endpoint (RFC 5382, REQ-1), and of a program that is reached by its outside endpoint from inside (REQ-8).</summary>
[TestClass]
public sealed class OutsideMappingTests
{
    private const int OneMinute = 60_000;

    [TestMethod]
    [Timeout(OneMinute)]
    public async Task Two_servers_see_one_outside_port_of_one_client_port()
    {
        await using var firewall = await LoopbackFirewall.StartAsync();
        using var first = Listening("127.42.0.3");
        using var second = Listening("127.42.0.4");
        var client = new IPEndPoint(LoopbackFirewall.Inside, 41_001);
        // At once: neither waits for the other's connection.
        var replies = await Task.WhenAll(ConnectAsync(firewall, client, first), ConnectAsync(firewall, client, second));
        Assert.AreEqual(replies[0].Outside, replies[1].Outside);
        using var third = Listening("127.42.0.5");
        Assert.AreEqual(replies[0].Outside, (await ConnectAsync(firewall, client, third)).Outside);
        Assert.AreNotEqual(replies[0].Outside, (await ConnectAsync(firewall, new IPEndPoint(LoopbackFirewall.Inside, 41_002), third)).Outside);
        foreach (var server in new[] { first, second })
        {
            using var accepted = await server.AcceptAsync();
            Assert.AreEqual(replies[0].Outside, accepted.RemoteEndPoint);
        }
    }

    /// <summary>One outside port can not go to one server twice: the second gets another.</summary>
    [TestMethod]
    [Timeout(OneMinute)]
    public async Task Taken_port_gives_way()
    {
        await using var firewall = await LoopbackFirewall.StartAsync();
        using var server = Listening("127.42.0.3");
        var client = new IPEndPoint(LoopbackFirewall.Inside, 41_003);
        var one = await ConnectAsync(firewall, client, server);
        var other = await ConnectAsync(firewall, client, server);
        Assert.AreNotEqual(one.Outside, other.Outside);
    }

    [TestMethod]
    [Timeout(OneMinute)]
    public async Task Connection_from_a_bound_port_goes_out_from_its_outside_port()
    {
        await using var firewall = await LoopbackFirewall.StartAsync();
        using var first = Listening("127.42.0.3");
        using var second = Listening("127.42.0.4");
        var client = new IPEndPoint(LoopbackFirewall.Inside, 41_004);
        var outside = await ListenAsync(firewall, client);
        Assert.AreEqual(outside, (await ConnectAsync(firewall, client, first)).Outside);
        Assert.AreEqual(outside, (await ConnectAsync(firewall, client, second)).Outside);

        // It listens as before, and nobody else gets the port.
        using var peer = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await peer.ConnectAsync(outside);
        Assert.AreEqual(peer.LocalEndPoint, firewall.Mappings.Take().Peer);
        using var thief = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        Assert.ThrowsExactly<SocketException>(() => thief.Bind(outside));
    }

    [TestMethod]
    [Timeout(OneMinute)]
    public async Task Mapping_ends_with_its_last_connection()
    {
        await using var firewall = await LoopbackFirewall.StartAsync();
        var ids = firewall.Firewall.Mappings;
        var client = new IPEndPoint(LoopbackFirewall.Inside, 41_005);
        using (var one = ids.Take(client))
        using (var two = ids.Take(client))
        {
            one.Port = 7;
            Assert.AreEqual(7, two.Port);
            two.Dispose();
            using var three = ids.Take(client);
            Assert.AreEqual(7, three.Port);
        }

        using var later = ids.Take(client);
        Assert.AreEqual(0, later.Port);
    }

    /// <summary>The outside endpoint of a program here is reached like anybody's; what else stands at the firewall's own address is not.</summary>
    [TestMethod]
    [Timeout(OneMinute)]
    public async Task Published_program_is_reached_from_inside_by_its_outside_endpoint()
    {
        await using var firewall = await LoopbackFirewall.StartAsync();
        var outside = await ListenAsync(firewall, new IPEndPoint(LoopbackFirewall.Inside, 41_006));
        var connected = await ConnectAsync(firewall, new IPEndPoint(LoopbackFirewall.Inside, 41_007), outside);
        Assert.AreEqual(connected.Outside, firewall.Mappings.Take().Peer, "the other program sees the outside endpoint");

        using var own = Listening($"{LoopbackFirewall.Outside}");
        var denied = (ErrorReply)await firewall.Client.RequestAsync(
            new ConnectRequest((IPEndPoint)own.LocalEndPoint!, new IPEndPoint(LoopbackFirewall.Inside, 41_008)) { Id = firewall.Client.Ids.Next() });
        Assert.Contains("'Local destinations'", denied.Sentence);
    }

    [TestMethod]
    [Timeout(OneMinute)]
    public async Task Datagram_to_a_client_s_outside_endpoint_comes_from_the_sender_s()
    {
        await using var firewall = await LoopbackFirewall.StartAsync();
        using var one = new UdpProgram();
        using var other = new UdpProgram();
        await one.BindAsync(firewall);
        await other.BindAsync(firewall);
        // Each has the other for a peer, as two programs that were told so by a third.
        var toOther = await one.ConnectAsync(firewall, other.Outside);
        var toOne = await other.ConnectAsync(firewall, one.Outside);
        one.Send(toOther.Inside, "hello");
        await other.AssertReceivesAsync("hello", toOne.Inside);
    }

    private static async Task<IPEndPoint> ListenAsync(LoopbackFirewall firewall, IPEndPoint client)
    {
        var id = firewall.Client.Ids.Next(boundSocket: true);
        var bound = (BindReply)await firewall.Client.RequestAsync(new BindRequest(BindProtocol.Tcp, new IPEndPoint(LoopbackFirewall.Outside, 0), client) { Id = id });
        return ((ListenReply)await firewall.Client.RequestAsync(new ListenRequest(bound.Outside, 5) { Id = id })).Outside;
    }

    private static Task<ConnectReply> ConnectAsync(LoopbackFirewall firewall, IPEndPoint client, Socket server) =>
        ConnectAsync(firewall, client, (IPEndPoint)server.LocalEndPoint!);

    private static async Task<ConnectReply> ConnectAsync(LoopbackFirewall firewall, IPEndPoint client, IPEndPoint server) =>
        (ConnectReply)await firewall.Client.RequestAsync(new ConnectRequest(server, client) { Id = firewall.Client.Ids.Next() });

    private static Socket Listening(string address)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Parse(address), 0));
        socket.Listen();
        return socket;
    }
}
