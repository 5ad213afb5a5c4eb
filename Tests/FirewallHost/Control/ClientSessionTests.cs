using System.Net;
using System.Net.Sockets;
using FwRedirect.ControlChannel.Messages;
using FwRedirect.ControlChannel.Names;
using FwRedirect.ControlChannel.Wire;
using FwRedirect.FirewallHost.Names;
using FwRedirect.Tests.ControlChannel.Names;
using FwRedirect.Tests.FirewallHost.Names;

namespace FwRedirect.Tests.FirewallHost.Control;

/// <summary>Whole sessions: the real client's requests, the real firewall's sockets.</summary>
[TestClass]
public sealed class ClientSessionTests
{
    private const int OneMinute = 60_000;

    [TestMethod]
    [Timeout(OneMinute)]
    public async Task Connect_is_answered_when_the_server_is_reached_and_then_relayed()
    {
        await using var firewall = await LoopbackFirewall.StartAsync();
        using var server = Listening();
        using var program = Bound();
        var reply = await ConnectAsync(firewall, program, (IPEndPoint)server.LocalEndPoint!);
        using var accepted = await server.AcceptAsync();
        Assert.AreEqual(accepted.RemoteEndPoint, reply.Outside);
        Assert.AreEqual(LoopbackFirewall.Outside, reply.Outside.Address);

        await program.ConnectAsync(reply.Inside);
        await program.SendAsync("LIST"u8.ToArray());
        program.Shutdown(SocketShutdown.Send);
        Assert.AreSequenceEqual("LIST"u8.ToArray(), await SocketPair.ReadToEndAsync(accepted));
        accepted.Shutdown(SocketShutdown.Send);
        Assert.IsEmpty(await SocketPair.ReadToEndAsync(program));
    }

    [TestMethod]
    [Timeout(OneMinute)]
    public async Task Refused_and_denied_connects_say_so()
    {
        await using var firewall = await LoopbackFirewall.StartAsync();
        using var program = Bound();
        using var closed = Bound();
        var refused = await firewall.Client.RequestAsync(Request(firewall, program, (IPEndPoint)closed.LocalEndPoint!));
        Assert.AreEqual(WinsockError.WSAECONNREFUSED, ((ErrorReply)refused).Error);
        var denied = (ErrorReply)await firewall.Client.RequestAsync(Request(firewall, program, IPEndPoint.Parse("127.42.0.99:80")));
        Assert.AreEqual(WinsockError.WSAEACCES, denied.Error);
        Assert.Contains("'Local destinations'", denied.Sentence);
        var foreign = (ErrorReply)await firewall.Client.RequestAsync(
            new ConnectRequest(IPEndPoint.Parse("127.0.0.3:80"), IPEndPoint.Parse("10.0.0.1:80")) { Id = firewall.Client.Ids.Next() });
        Assert.AreEqual(WinsockError.WSAEACCES, foreign.Error, "a client speaks for its own address only");
    }

    /// <summary>The server that the program means is nowhere: a connection outside would fail.</summary>
    [TestMethod]
    [Timeout(OneMinute)]
    public async Task Dns_over_tcp_is_answered_by_the_firewall_itself()
    {
        using var dns = new DnsResponder();
        await using var firewall = await LoopbackFirewall.StartAsync(dns.Endpoint);
        using var program = Bound();
        var reply = await ConnectAsync(firewall, program, IPEndPoint.Parse("127.42.0.77:53"));
        Assert.AreEqual(new IPEndPoint(LoopbackFirewall.Outside, 0), reply.Outside);
        await program.ConnectAsync(reply.Inside);
        await using var stream = new NetworkStream(program);
        byte[][] queries =
        [
            Queries.Make("silent.example", Queries.A, id: 1), Queries.Make("Big.example", Queries.Txt, id: 2), Queries.Make("ftp.contoso.com", Queries.A, id: 3),
            Queries.Make("ftp.contoso.com", Queries.Aaaa, id: 4), Queries.Make("contoso.com", 252, id: 5), [0, 6, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0],
        ];
        foreach (var query in queries)
            await DnsStream.WriteAsync(stream, query, CancellationToken.None);
        program.Shutdown(SocketShutdown.Send);
        var answers = new Dictionary<int, byte[]>();
        while (await DnsStream.ReadAsync(stream, ushort.MaxValue, CancellationToken.None) is { } answer)
            answers.Add(answer[1], answer);
        CollectionAssert.AreEqual(
            new[] { (1, 2, 0), (2, 0, 1), (3, 0, 2), (4, 0, 0), (5, 5, 0), (6, 1, 0) },
            answers.OrderBy(pair => pair.Key).Select(pair => (pair.Key, (int)DnsReply.Code(pair.Value), DnsReply.Answers(pair.Value))).ToArray());
        Assert.AreEqual(1, answers.Last().Key, "the one that nobody answers keeps none of the others");
        Assert.IsGreaterThan(DnsResponder.BigLength, answers[2].Length);
        Assert.IsTrue(Queries.Parse(queries[1]).IsAnsweredBy(answers[2]));
    }

    [TestMethod]
    [Timeout(OneMinute)]
    public async Task Look_ups_of_each_kind_are_answered()
    {
        using var dns = new DnsResponder();
        await using var firewall = await LoopbackFirewall.StartAsync(dns.Endpoint);
        var client = firewall.Client;
        var names = (HostNames)await client.RequestAsync(new GetHostByAddress(IPAddress.Parse("131.107.0.21")) { Id = client.Ids.Next() });
        Assert.AreEqual("ftp.contoso.com", names.Names[0]);
        var query = Queries.Parse(Queries.Make("mail.example", Queries.Mx));
        var answer = (DnsQueryReply)await client.RequestAsync(new DnsQueryRequest(query.ToRelay()) { Id = client.Ids.Next() });
        Assert.IsTrue(query.IsAnsweredBy(answer.Message.Span));
        var absent = (ErrorReply)await client.RequestAsync(new GetHostByName("nobody.example") { Id = client.Ids.Next() });
        Assert.AreEqual((WinsockError.WSAHOST_NOT_FOUND, 300u), (absent.Error, absent.Authority!.NegativeTimeToLive));
        var damaged = (ErrorReply)await client.RequestAsync(new DnsQueryRequest(new byte[] { 1, 2, 3 }) { Id = client.Ids.Next() });
        Assert.AreEqual(WinsockError.WSAEINVAL, damaged.Error);
        var transfer = (ErrorReply)await client.RequestAsync(new DnsQueryRequest(Queries.Make("contoso.com", 252)) { Id = client.Ids.Next() });
        Assert.AreEqual(WinsockError.WSAEOPNOTSUPP, transfer.Error);
    }

    [TestMethod]
    [Timeout(OneMinute)]
    public async Task Bind_listen_mapping_and_relay_go_in_the_article_s_order()
    {
        await using var firewall = await LoopbackFirewall.StartAsync();
        using var program = Listening(IPAddress.Loopback);
        var (id, outside) = await BindAndListenAsync(firewall, (IPEndPoint)program.LocalEndPoint!);

        using var peer = Bound();
        await peer.ConnectAsync(outside);
        var mapping = firewall.Mappings.Take();
        Assert.AreEqual((id, outside, peer.LocalEndPoint), (mapping.Id, mapping.Outside, mapping.Peer));
        Assert.AreNotEqual(0u, mapping.FirewallMapping);
        Assert.IsFalse(program.Poll(0, SelectMode.SelectRead), "nothing connects inside before Mapping received");

        Confirm(firewall, mapping);
        using var accepted = await program.AcceptAsync();
        Assert.AreEqual(mapping.Inside, accepted.RemoteEndPoint);
        await peer.SendAsync("data"u8.ToArray());
        peer.Shutdown(SocketShutdown.Send);
        Assert.AreSequenceEqual("data"u8.ToArray(), await SocketPair.ReadToEndAsync(accepted));
        // Close of the bound socket does not cut what it has accepted.
        firewall.Client.Notify(new Close("", IsFromFirewall: false) { Id = id });
        await accepted.SendAsync("late"u8.ToArray());
        accepted.Shutdown(SocketShutdown.Send);
        Assert.AreSequenceEqual("late"u8.ToArray(), await SocketPair.ReadToEndAsync(peer));
    }

    /// <summary>FTP clients close the listening socket at once: the Close overtakes the firewall's own connect inside.</summary>
    [TestMethod]
    [Timeout(OneMinute)]
    public async Task Close_right_behind_mapping_received_does_not_cut_the_mapping()
    {
        await using var firewall = await LoopbackFirewall.StartAsync();
        using var program = Listening(IPAddress.Loopback);
        var (id, outside) = await BindAndListenAsync(firewall, (IPEndPoint)program.LocalEndPoint!);
        using var peer = Bound();
        await peer.ConnectAsync(outside);
        Confirm(firewall, firewall.Mappings.Take());
        firewall.Client.Notify(new Close("", IsFromFirewall: false) { Id = id });

        using var accepted = await program.AcceptAsync();
        await peer.SendAsync("data"u8.ToArray());
        peer.Shutdown(SocketShutdown.Send);
        Assert.AreSequenceEqual("data"u8.ToArray(), await SocketPair.ReadToEndAsync(accepted));
    }

    [TestMethod]
    [Timeout(OneMinute)]
    public async Task Order_of_bind_and_listen_is_kept()
    {
        await using var firewall = await LoopbackFirewall.StartAsync();
        var outside = new IPEndPoint(LoopbackFirewall.Outside, 4711);
        var early = (ErrorReply)await firewall.Client.RequestAsync(new ListenRequest(outside, 1) { Id = firewall.Client.Ids.Next(boundSocket: true) });
        Assert.AreEqual(WinsockError.WSAEINVAL, early.Error);

        var id = firewall.Client.Ids.Next(boundSocket: true);
        var first = (BindReply)await firewall.Client.RequestAsync(
            new BindRequest(6, new IPEndPoint(LoopbackFirewall.Outside, 0), IPEndPoint.Parse("127.0.0.1:1234")) { Id = id });
        using (var peer = Bound())
        {
            var e = await Assert.ThrowsExactlyAsync<SocketException>(async () => await peer.ConnectAsync(first.Outside));
            Assert.AreEqual(SocketError.ConnectionRefused, e.SocketErrorCode, "bound is not listening");
        }

        var clash = (ErrorReply)await firewall.Client.RequestAsync(
            new BindRequest(6, first.Outside, IPEndPoint.Parse("127.0.0.1:1235")) { Id = firewall.Client.Ids.Next(boundSocket: true) });
        Assert.AreEqual(WinsockError.WSAEADDRINUSE, clash.Error);
    }

    [TestMethod]
    [Timeout(OneMinute)]
    public async Task A_dynamic_port_is_the_program_s_own_where_that_is_free_and_a_named_one_is_that_or_none()
    {
        await using var firewall = await LoopbackFirewall.StartAsync();
        using var program = Listening(IPAddress.Loopback);
        var own = (IPEndPoint)program.LocalEndPoint!;
        var first = (BindReply)await BindAsync(0);
        Assert.AreEqual(new IPEndPoint(LoopbackFirewall.Outside, own.Port), first.Outside);
        var second = (BindReply)await BindAsync(0);
        Assert.AreNotEqual(own.Port, second.Outside.Port);
        var third = (ErrorReply)await BindAsync(own.Port);
        Assert.AreEqual(WinsockError.WSAEADDRINUSE, third.Error);

        Task<RwsMessage> BindAsync(int port) => firewall.Client.RequestAsync(
            new BindRequest(BindProtocol.Tcp, new IPEndPoint(LoopbackFirewall.Outside, port), own) { Id = firewall.Client.Ids.Next(boundSocket: true) });
    }

    [TestMethod]
    [Timeout(OneMinute)]
    public async Task Refused_mapping_resets_the_peer()
    {
        await using var firewall = await LoopbackFirewall.StartAsync();
        using var program = Listening(IPAddress.Loopback);
        var (id, outside) = await BindAndListenAsync(firewall, (IPEndPoint)program.LocalEndPoint!);
        using var peer = Bound();
        await peer.ConnectAsync(outside);
        var mapping = firewall.Mappings.Take();
        firewall.Client.Notify(new Close("", IsFromFirewall: false) { Id = id, FirewallMapping = mapping.FirewallMapping });
        await SocketPair.AssertResetAsync(peer);
    }

    [TestMethod]
    [Timeout(OneMinute)]
    public async Task End_of_the_session_resets_what_it_held()
    {
        var firewall = await LoopbackFirewall.StartAsync();
        using var program = Listening(IPAddress.Loopback);
        var (_, outside) = await BindAndListenAsync(firewall, (IPEndPoint)program.LocalEndPoint!);
        using var relayed = Bound();
        await relayed.ConnectAsync(outside);
        Confirm(firewall, firewall.Mappings.Take());
        using var accepted = await program.AcceptAsync();
        using var pending = Bound();
        await pending.ConnectAsync(outside);
        firewall.Mappings.Take();

        await firewall.DisposeAsync();
        await SocketPair.AssertResetAsync(relayed);
        await SocketPair.AssertResetAsync(accepted);
        await SocketPair.AssertResetAsync(pending);
        using var late = Bound();
        var e = await Assert.ThrowsExactlyAsync<SocketException>(async () => await late.ConnectAsync(outside));
        Assert.AreEqual(SocketError.ConnectionRefused, e.SocketErrorCode);
    }

    private static void Confirm(LoopbackFirewall firewall, NewMapping mapping) => firewall.Client.Notify(
        new MappingReceived(mapping.ClientEndpoint, mapping.Inside, mapping.Outside, mapping.Peer) { Id = mapping.Id, FirewallMapping = mapping.FirewallMapping });

    private static async Task<(ObjectId Id, IPEndPoint Outside)> BindAndListenAsync(LoopbackFirewall firewall, IPEndPoint program)
    {
        var id = firewall.Client.Ids.Next(boundSocket: true);
        var bound = (BindReply)await firewall.Client.RequestAsync(
            new BindRequest(6, new IPEndPoint(LoopbackFirewall.Outside, 0), program) { Id = id });
        var listening = (ListenReply)await firewall.Client.RequestAsync(new ListenRequest(bound.Outside, 5) { Id = id });
        Assert.AreEqual(bound.Outside, listening.Outside);
        return (id, bound.Outside);
    }

    private static async Task<ConnectReply> ConnectAsync(LoopbackFirewall firewall, Socket program, IPEndPoint server) =>
        (ConnectReply)await firewall.Client.RequestAsync(Request(firewall, program, server));

    private static ConnectRequest Request(LoopbackFirewall firewall, Socket program, IPEndPoint server) =>
        new(server, (IPEndPoint)program.LocalEndPoint!) { Id = firewall.Client.Ids.Next() };

    private static Socket Bound()
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return socket;
    }

    private static Socket Listening(IPAddress? address = null)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(address ?? IPAddress.Parse("127.42.0.3"), 0));
        socket.Listen();
        return socket;
    }
}
