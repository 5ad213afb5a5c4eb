using System.Net;
using FwRedirect.ControlChannel.Messages;
using FwRedirect.ControlChannel.Wire;
using FwRedirect.FirewallHost.Configuration;
using FwRedirect.FirewallHost.Sockets.Udp;

namespace FwRedirect.Tests.FirewallHost.Control;

/// <summary>UDP of whole sessions: the real client's requests, the real firewall's sockets.</summary>
[TestClass]
public sealed class ClientAssociationTests
{
    private const int OneMinute = 60_000;
    private const string PeerAddress = "127.42.0.3";
    private const string OtherPeerAddress = "127.42.0.4";

    [TestMethod]
    [Timeout(OneMinute)]
    public async Task Two_peers_see_the_same_outside_port_which_is_the_program_s_own()
    {
        await using var firewall = await LoopbackFirewall.StartAsync();
        using var program = new UdpProgram();
        using var one = new UdpProgram(PeerAddress);
        using var two = new UdpProgram(OtherPeerAddress);
        await program.BindAsync(firewall);
        Assert.AreEqual(new IPEndPoint(LoopbackFirewall.Outside, program.Endpoint.Port), program.Outside);

        var toOne = await program.ConnectAsync(firewall, one.Endpoint);
        var toTwo = await program.ConnectAsync(firewall, two.Endpoint);
        Assert.AreEqual((program.Endpoint, program.Outside, one.Endpoint), (toOne.Source, toOne.Outside, toOne.Server));
        Assert.AreNotEqual(toOne.Inside, toTwo.Inside, "the inside port is what tells the peers apart");

        program.Send(toOne.Inside, "first");
        program.Send(toTwo.Inside, "second");
        await one.AssertReceivesAsync("first", program.Outside);
        await two.AssertReceivesAsync("second", program.Outside);
        one.Send(program.Outside, "answer");
        two.Send(program.Outside, "");
        await program.AssertReceivesAsync("answer", toOne.Inside);
        await program.AssertReceivesAsync("", toTwo.Inside);
    }

    [TestMethod]
    [Timeout(OneMinute)]
    public async Task A_taken_port_gives_another_of_the_same_parity_and_rtcp_follows_rtp()
    {
        await using var firewall = await LoopbackFirewall.StartAsync();
        using var taken = new UdpProgram($"{LoopbackFirewall.Outside}");
        using var program = new UdpProgram();
        await program.BindAsync(firewall, wanted: taken.Endpoint.Port);
        Assert.AreNotEqual(taken.Endpoint.Port, program.Outside.Port);
        Assert.AreEqual(taken.Endpoint.Port % 2, program.Outside.Port % 2);

        using var takenRtp = new UdpProgram($"{LoopbackFirewall.Outside}", 20310);
        using var takenRtcp = new UdpProgram($"{LoopbackFirewall.Outside}", 20311);
        using var rtp = new UdpProgram(port: 20310);
        using var rtcp = new UdpProgram(port: 20311);
        await rtp.BindAsync(firewall);
        await rtcp.BindAsync(firewall);
        Assert.AreEqual(rtp.Outside.Port + 1, rtcp.Outside.Port);
        Assert.AreEqual(0, rtp.Outside.Port % 2);
    }

    /// <summary>The client need not wait for the Bind reply.</summary>
    [TestMethod]
    [Timeout(OneMinute)]
    public async Task Connect_right_behind_bind_and_what_does_not_fit_is_refused()
    {
        await using var firewall = await LoopbackFirewall.StartAsync();
        using var program = new UdpProgram();
        using var peer = new UdpProgram(PeerAddress);
        var binding = program.BindAsync(firewall);
        var connecting = program.ConnectAsync(firewall, peer.Endpoint);
        await binding;
        await connecting;

        Assert.AreEqual(WinsockError.WSAEINVAL, await program.ConnectErrorAsync(firewall, peer.Endpoint), "a peer has one mapping");
        Assert.AreEqual(WinsockError.WSAEACCES, await program.ConnectErrorAsync(firewall, IPEndPoint.Parse("127.42.0.99:53")));
        Assert.AreEqual(WinsockError.WSAEADDRNOTAVAIL, await program.ConnectErrorAsync(firewall, new IPEndPoint(peer.Endpoint.Address, 0)));
        Assert.AreEqual(WinsockError.WSAENETUNREACH, await program.ConnectErrorAsync(firewall, IPEndPoint.Parse("[2001:db8::1]:53")));
        using var other = new UdpProgram();
        Assert.AreEqual(WinsockError.WSAEINVAL, await other.ConnectErrorAsync(firewall, peer.Endpoint), "it is not bound");
        foreach (var taken in new RwsMessage[]
        {
            new BindRequest(BindProtocol.Tcp, new IPEndPoint(LoopbackFirewall.Outside, 0), program.Endpoint) { Id = program.Id },
            new BindRequest(BindProtocol.Udp, new IPEndPoint(LoopbackFirewall.Outside, 0), program.Endpoint) { Id = program.Id },
            new ConnectRequest(peer.Endpoint, program.Endpoint) { Id = program.Id },
        })
        {
            Assert.AreEqual(WinsockError.WSAEINVAL, ((ErrorReply)await firewall.Client.RequestAsync(taken)).Error, taken.Describe());
        }

        var foreign = new BindRequest(BindProtocol.Udp, new IPEndPoint(LoopbackFirewall.Outside, 0), IPEndPoint.Parse("10.0.0.1:80"));
        Assert.AreEqual(WinsockError.WSAEINVAL, ((ErrorReply)await firewall.Client.RequestAsync(foreign with { Id = firewall.Client.Ids.Next(true) })).Error);
    }

    /// <summary>As a TFTP server does: the answer comes from another port of the same address.</summary>
    [TestMethod]
    [Timeout(OneMinute)]
    public async Task Unknown_peer_of_a_known_address_is_announced_and_held_until_the_client_knows()
    {
        await using var firewall = await LoopbackFirewall.StartAsync();
        using var program = new UdpProgram();
        using var server = new UdpProgram(PeerAddress);
        using var transfer = new UdpProgram(PeerAddress);
        using var scanner = new UdpProgram(OtherPeerAddress);
        await program.BindAsync(firewall);
        var asked = await program.ConnectAsync(firewall, server.Endpoint);
        program.Send(asked.Inside, "RRQ");
        await server.AssertReceivesAsync("RRQ", program.Outside);

        scanner.Send(program.Outside, "scan");
        transfer.Send(program.Outside, "block 1");
        transfer.Send(program.Outside, "block 2");
        var mapping = firewall.Mappings.Take();
        Assert.AreEqual((program.Id, transfer.Endpoint, program.Outside, program.Endpoint), (mapping.Id, mapping.Peer, mapping.Outside, mapping.ClientEndpoint));
        Assert.AreNotEqual(0u, mapping.FirewallMapping);
        program.AssertQuiet();

        Confirm(firewall, mapping);
        await program.AssertReceivesAsync("block 1", mapping.Inside);
        await program.AssertReceivesAsync("block 2", mapping.Inside);
        program.Send(mapping.Inside, "ack");
        await transfer.AssertReceivesAsync("ack", program.Outside);
        Assert.AreEqual(1, firewall.Firewall.Dropped.Total(DropReason.NotAllowed), "the scanner");
        Assert.IsEmpty(firewall.Mappings);
        Assert.Contains("NotAllowed", firewall.Log.LatestRecord.Message);
    }

    [TestMethod]
    [Timeout(OneMinute)]
    public async Task Only_so_many_datagrams_are_held()
    {
        await using var firewall = await LoopbackFirewall.StartAsync(udp: new UdpOptions { Filtering = DatagramFiltering.EndpointIndependent });
        using var program = new UdpProgram();
        using var peer = new UdpProgram(PeerAddress);
        await program.BindAsync(firewall);
        for (var i = 0; i < Limits.HeldDatagrams + 2; i++)
            peer.Send(program.Outside, $"{i}");
        var mapping = firewall.Mappings.Take();
        while (firewall.Firewall.Dropped.Total(DropReason.NoRoom) < 2)
            await Task.Yield();
        Confirm(firewall, mapping);
        for (var i = 0; i < Limits.HeldDatagrams; i++)
            await program.AssertReceivesAsync($"{i}", mapping.Inside);
        peer.Send(program.Outside, "next");
        await program.AssertReceivesAsync("next", mapping.Inside);
    }

    [TestMethod]
    [Timeout(OneMinute)]
    public async Task Listen_opens_the_socket_to_those_whom_the_rules_allow()
    {
        var rule = new AccessRule("partners", RuleAction.Allow, [], [], [IPNetwork.Parse($"{PeerAddress}/32")], [], []);
        await using var firewall = await LoopbackFirewall.StartAsync(rules: [rule]);
        using var program = new UdpProgram();
        using var partner = new UdpProgram(PeerAddress);
        using var stranger = new UdpProgram(OtherPeerAddress);
        await program.BindAsync(firewall);
        Assert.AreEqual(WinsockError.WSAEACCES, await program.ConnectErrorAsync(firewall, stranger.Endpoint));
        var other = (ErrorReply)await firewall.Client.RequestAsync(new ListenRequest(stranger.Endpoint, 0) { Id = program.Id });
        Assert.AreEqual(WinsockError.WSAEINVAL, other.Error);
        Assert.IsInstanceOfType<ListenReply>(await firewall.Client.RequestAsync(new ListenRequest(program.Outside, 0) { Id = program.Id }));

        // The reply comes before the socket is open: who sends until he is heard does not depend on which was first.
        NewMapping? mapping;
        do
        {
            stranger.Send(program.Outside, "stranger");
            partner.Send(program.Outside, "partner");
        }
        while (!firewall.Mappings.TryTake(out mapping, TimeSpan.FromMilliseconds(50)));
        Assert.AreEqual(partner.Endpoint, mapping.Peer);
        Confirm(firewall, mapping);
        await program.AssertReceivesAsync("partner", mapping.Inside);
        Assert.IsEmpty(firewall.Mappings);
    }

    /// <summary>The program's own datagram and the peer's cross: one mapping comes of it, with two names.</summary>
    [TestMethod]
    [Timeout(OneMinute)]
    public async Task Connect_to_an_announced_peer_joins_its_mapping()
    {
        await using var firewall = await LoopbackFirewall.StartAsync(udp: new UdpOptions { Filtering = DatagramFiltering.EndpointIndependent });
        using var program = new UdpProgram();
        using var peer = new UdpProgram(PeerAddress);
        await program.BindAsync(firewall);
        peer.Send(program.Outside, "hello");
        var mapping = firewall.Mappings.Take();
        var reply = await program.ConnectAsync(firewall, peer.Endpoint);
        Assert.AreEqual(mapping.Inside, reply.Inside);
        await program.AssertReceivesAsync("hello", mapping.Inside);

        firewall.Client.Notify(new Close("", IsFromFirewall: false) { Id = program.Id, FirewallMapping = mapping.FirewallMapping });
        // The other name went with it.
        var again = await program.ConnectAsync(firewall, peer.Endpoint);
        program.Send(again.Inside, "again");
        await peer.AssertReceivesAsync("again", program.Outside);
    }

    [TestMethod]
    [Timeout(OneMinute)]
    public async Task Nobody_but_the_announced_client_socket_is_heard_inside()
    {
        await using var firewall = await LoopbackFirewall.StartAsync();
        using var program = new UdpProgram();
        using var wrongPort = new UdpProgram();
        using var wrongAddress = new UdpProgram("127.0.0.9", program.Endpoint.Port);
        using var peer = new UdpProgram(PeerAddress);
        await program.BindAsync(firewall);
        var reply = await program.ConnectAsync(firewall, peer.Endpoint);
        wrongPort.Send(reply.Inside, "wrong port");
        wrongAddress.Send(reply.Inside, "wrong address");
        program.Send(reply.Inside, "right");
        await peer.AssertReceivesAsync("right", program.Outside);
        Assert.AreEqual(2, firewall.Firewall.Dropped.Total(DropReason.NotAnnounced));
        Assert.HasCount(1, firewall.Log.Collector.GetSnapshot(), "one line for both");
    }

    [TestMethod]
    [Timeout(OneMinute)]
    public async Task Unreachable_port_is_told_by_its_peer_and_the_mapping_lives()
    {
        if (!OperatingSystem.IsLinux())
            Assert.Inconclusive("Winsock's way to name the peer of an error has not been tried on Windows.");
        await using var firewall = await LoopbackFirewall.StartAsync();
        using var program = new UdpProgram();
        using var open = new UdpProgram(PeerAddress);
        var gone = new UdpProgram(OtherPeerAddress);
        var closed = gone.Endpoint;
        gone.Dispose();
        await program.BindAsync(firewall);
        var toOpen = await program.ConnectAsync(firewall, open.Endpoint);
        var request = program.Request(firewall, closed);
        var toClosed = (ConnectReply)await firewall.Client.RequestAsync(request);

        for (var i = 0; i < 3; i++)
            program.Send(toClosed.Inside, "anybody?");
        // Errors of one peer cost the other nothing.
        for (var i = 0; i < 20; i++)
            program.Send(toOpen.Inside, $"{i}");
        for (var i = 0; i < 20; i++)
            await open.AssertReceivesAsync($"{i}", program.Outside);
        var error = firewall.Errors.Take();
        Assert.AreEqual((request.Id, WinsockError.WSAECONNREFUSED, closed), (error.Id, error.Error, error.Peer));
        Assert.Contains("nobody listens", error.Sentence);

        using var back = new UdpProgram(OtherPeerAddress, closed.Port);
        program.Send(toClosed.Inside, "now?");
        await back.AssertReceivesAsync("now?", program.Outside);
        Assert.IsEmpty(firewall.Errors, "one a second");
        Assert.IsEmpty(firewall.Closes);
    }

    [TestMethod]
    [Timeout(OneMinute)]
    public async Task Oversized_datagrams_are_dropped_both_ways_with_one_line()
    {
        await using var firewall = await LoopbackFirewall.StartAsync(udp: new UdpOptions { LargestDatagram = 1000 });
        using var program = new UdpProgram();
        using var peer = new UdpProgram(PeerAddress);
        await program.BindAsync(firewall);
        var reply = await program.ConnectAsync(firewall, peer.Endpoint);
        var (fits, large) = (new string('a', 1000), new string('b', 1001));
        program.Send(reply.Inside, large);
        program.Send(reply.Inside, fits);
        await peer.AssertReceivesAsync(fits, program.Outside);
        peer.Send(program.Outside, large);
        peer.Send(program.Outside, fits);
        await program.AssertReceivesAsync(fits, reply.Inside);
        Assert.AreEqual(2, firewall.Firewall.Dropped.Total(DropReason.Oversized));
        Assert.HasCount(1, firewall.Log.Collector.GetSnapshot());
    }

    [TestMethod]
    [Timeout(OneMinute)]
    public async Task The_largest_datagram_of_ipv4_passes_unchanged()
    {
        await using var firewall = await LoopbackFirewall.StartAsync();
        using var program = new UdpProgram();
        using var peer = new UdpProgram(PeerAddress);
        await program.BindAsync(firewall);
        var reply = await program.ConnectAsync(firewall, peer.Endpoint);
        var largest = string.Concat(Enumerable.Range(0, Limits.Datagram).Select(i => (char)('a' + (i % 26))));
        program.Send(reply.Inside, largest);
        await peer.AssertReceivesAsync(largest, program.Outside);
        peer.Send(program.Outside, largest);
        await program.AssertReceivesAsync(largest, reply.Inside);
    }

    internal static void Confirm(LoopbackFirewall firewall, NewMapping mapping) => firewall.Client.Notify(
        new MappingReceived(mapping.ClientEndpoint, mapping.Inside, mapping.Outside, mapping.Peer) { Id = mapping.Id, FirewallMapping = mapping.FirewallMapping });
}
