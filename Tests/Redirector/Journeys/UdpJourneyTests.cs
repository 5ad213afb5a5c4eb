using System.Net;
using FwRedirect.ControlChannel.Messages;
using FwRedirect.ControlChannel.Server;
using FwRedirect.ControlChannel.Wire;
using FwRedirect.Redirector.Configuration;
using FwRedirect.Redirector.Diversion;
using FwRedirect.Redirector.Packets;
using FwRedirect.Redirector.Processes;
using FwRedirect.Tests.Redirector.Packets;
using FwRedirect.Tests.Redirector.Service;

namespace FwRedirect.Tests.Redirector.Journeys;

[TestClass]
public sealed class UdpJourneyTests
{
    private const ulong SocketId = 4711;
    private static readonly PacketEndpoint Client = RunningService.Client;
    private static readonly PacketEndpoint Peer = Raw.At("131.107.0.21:69");
    private static readonly PacketEndpoint Stranger = Raw.At("131.107.0.21:40000");
    private static readonly PacketEndpoint Inside = PacketEndpoint.From(RunningService.Inside);
    private static readonly IPEndPoint OtherInside = IPEndPoint.Parse("192.168.0.1:6790");

    /// <summary>The way to the firewall leaves by loopback here, and the program's socket has another address.</summary>
    private static readonly PacketEndpoint SeenAs = Raw.At("127.0.0.1:1515");

    [TestMethod]
    public async Task TheSocketIsBoundWithItsOwnPortAndThePeerAskedForAtOnce()
    {
        await using var service = await RunningService.StartAsync();
        Assert.AreEqual(PacketVerdict.Drop, (await service.Diverter.TakeAsync(Raw.Udp(Client, Peer, [1]))).Verdict);
        var (channel, bind) = await service.Firewall.NextAsync<BindRequest>();
        Assert.AreEqual((17, IPEndPoint.Parse("131.107.0.19:1515"), SeenAs.ToIPEndPoint()), ((int)bind.Protocol, bind.Wanted, bind.ClientEndpoint));
        Assert.AreEqual("ftp", channel.Identity.Application);
        var (_, connect) = await service.Firewall.NextAsync<ConnectRequest>();
        Assert.AreEqual((Peer.ToIPEndPoint(), SeenAs.ToIPEndPoint(), bind.Id), (connect.Destination, connect.Source, connect.Association?.Socket));
        await service.Diverter.TakeAsync(Raw.Udp(Client, Peer, [2]));

        channel.Send(new BindReply(RunningService.Outside) { Id = bind.Id });
        channel.Send(RunningService.Reply(connect));
        CollectionAssert.AreEqual(Raw.Udp(SeenAs, Inside, [1]), (await service.Diverter.SentAsync()).Packet);
        CollectionAssert.AreEqual(Raw.Udp(SeenAs, Inside, [2]), (await service.Diverter.SentAsync()).Packet);
        var (verdict, packet) = await service.Diverter.TakeAsync(Raw.Udp(Client, Peer, [3]));
        Assert.AreEqual(PacketVerdict.Rewritten, verdict);
        CollectionAssert.AreEqual(Raw.Udp(SeenAs, Inside, [3]), packet);
        CollectionAssert.AreEqual(
            Raw.Udp(Peer, Client, [4]), (await service.Diverter.TakeAsync(Raw.Udp(Inside, SeenAs, [4]), PacketDirection.Inbound)).Packet);
    }

    [TestMethod]
    public async Task ASecondPeerNeedsNoSecondBind()
    {
        await using var service = await RunningService.StartAsync();
        var (_, bind, _) = await MapAsync(service);
        await service.Diverter.TakeAsync(Raw.Udp(Client, Raw.At("131.107.0.22:69"), [1]));
        Assert.AreEqual(bind, (await service.Firewall.NextAsync<ConnectRequest>()).Message.Association?.Socket);
    }

    /// <summary>TFTP: the answer comes from another port.</summary>
    [TestMethod]
    public async Task APeerThatNobodyAskedForIsSeenAsItself()
    {
        await using var service = await RunningService.StartAsync();
        var (channel, socket, _) = await MapAsync(service);
        await AnnounceAsync(service, channel, socket);
        var (verdict, packet) = await service.Diverter.TakeAsync(Raw.Udp(PacketEndpoint.From(OtherInside), SeenAs, [1]), PacketDirection.Inbound);
        Assert.AreEqual(PacketVerdict.Rewritten, verdict);
        CollectionAssert.AreEqual(Raw.Udp(Stranger, Client, [1]), packet);
    }

    [TestMethod]
    public async Task AMappingThatDoesNotFitItsSocketIsClosedByItsNumber()
    {
        await using var service = await RunningService.StartAsync();
        var (channel, socket, _) = await MapAsync(service);
        channel.Send(new NewMapping(Stranger.ToIPEndPoint(), RunningService.Outside, OtherInside, IPEndPoint.Parse("127.0.0.1:9")) { Id = socket, FirewallMapping = 9 });
        var close = (await service.Firewall.NextAsync<Close>()).Message;
        Assert.AreEqual((socket, 9u), (close.Id, close.FirewallMapping));
    }

    [TestMethod]
    [DataRow(WinsockError.WSAECONNREFUSED, (byte)3)]
    [DataRow(WinsockError.WSAEHOSTUNREACH, (byte)1)]
    [DataRow(WinsockError.WSAENETUNREACH, (byte)0)]
    public async Task AnErrorOfTheNetworkReachesTheSocketAsIcmp(WinsockError error, byte code)
    {
        await using var service = await RunningService.StartAsync();
        var (channel, _, id) = await MapAsync(service);
        channel.Send(new MappingError(error, Peer.ToIPEndPoint(), "nobody") { Id = id });
        AssertIcmp((await service.Diverter.SentAsync()).Packet, code);
    }

    /// <summary>The error of an announced mapping comes by the socket's id and the mapping's number.</summary>
    [TestMethod]
    public async Task AnErrorOfAnAnnouncedPeerReachesTheSocketToo()
    {
        await using var service = await RunningService.StartAsync();
        var (channel, socket, _) = await MapAsync(service);
        await AnnounceAsync(service, channel, socket);
        channel.Send(new MappingError(WinsockError.WSAECONNREFUSED, Stranger.ToIPEndPoint(), "nobody") { Id = socket, FirewallMapping = 7 });
        var view = new PacketView((await service.Diverter.SentAsync()).Packet);
        Assert.AreEqual((IpProtocol.Icmp, Stranger.Address), (view.Protocol, view.Source.Address));
    }

    [TestMethod]
    public async Task AClosedSocketIsClosedAtTheFirewallAndItsPortIsBoundAnew()
    {
        await using var service = await RunningService.StartAsync();
        service.Machine.Owners[1515] = new ProcessInfo(100, "ftp", "/usr/bin/ftp", "alice", 1000) { SocketId = SocketId };
        var (_, socket, _) = await MapAsync(service);
        await service.Machine.Events.TellAsync(SocketEventKind.Close, 100, SocketId, "0.0.0.0:0", protocol: 17);
        var close = (await service.Firewall.NextAsync<Close>()).Message;
        Assert.AreEqual((socket, 0u), (close.Id, close.FirewallMapping));
        await service.Diverter.TakeAsync(Raw.Udp(Client, Peer, [1]));
        Assert.AreNotEqual(socket, (await service.Firewall.NextAsync<BindRequest>()).Message.Id);
    }

    [TestMethod]
    public async Task ASocketIsKnownByItsEndpointWhereTheSystemGivesNoOtherName()
    {
        await using var service = await RunningService.StartAsync();
        var (_, socket, _) = await MapAsync(service);
        await service.Machine.Events.TellAsync(SocketEventKind.Close, 100, 5, "192.168.0.2:1516", protocol: 17);
        await service.Machine.Events.TellAsync(SocketEventKind.Close, 100, 6, "0.0.0.0:1515", protocol: 17);
        Assert.AreEqual(socket, (await service.Firewall.NextAsync<Close>()).Message.Id);
    }

    /// <summary>One that is bound to no address sends from that of each way, and its close ends all of it.</summary>
    [TestMethod]
    [DataRow(SocketId)]
    [DataRow(0ul)]
    public async Task ASocketThatSentFromTwoAddressesIsClosedWhole(ulong name)
    {
        await using var service = await RunningService.StartAsync();
        service.Machine.Owners[1515] = new ProcessInfo(100, "ftp", "/usr/bin/ftp", "alice", 1000) { SocketId = name };
        var (_, first, _) = await MapAsync(service);
        await service.Diverter.TakeAsync(Raw.Udp(Raw.At("10.0.0.2:1515"), Peer, [1]));
        var (_, bind) = await service.Firewall.NextAsync<BindRequest>();
        await service.Firewall.NextAsync<ConnectRequest>();
        await service.Machine.Events.TellAsync(SocketEventKind.Close, 100, SocketId, "0.0.0.0:1515", protocol: 17);
        ObjectId[] closed = [(await service.Firewall.NextAsync<Close>()).Message.Id, (await service.Firewall.NextAsync<Close>()).Message.Id];
        CollectionAssert.AreEquivalent(new[] { first, bind.Id }, closed);
    }

    [TestMethod]
    [DataRow(true, DisplayName = "the peer")]
    [DataRow(false, DisplayName = "the socket")]
    public async Task WhatTheFirewallGaveUpIsAskedForAnew(bool peerOnly)
    {
        await using var service = await RunningService.StartAsync();
        var (channel, socket, id) = await MapAsync(service);
        channel.Send(new Close("idle", IsFromFirewall: true) { Id = peerOnly ? id : socket });
        // Messages are handled in order: when this one is answered, that one is done.
        channel.Send(new NewMapping(Stranger.ToIPEndPoint(), RunningService.Outside, OtherInside, IPEndPoint.Parse("127.0.0.1:9")) { Id = socket, FirewallMapping = 9 });
        await service.Firewall.NextAsync<Close>();
        Assert.AreEqual(PacketVerdict.Drop, (await service.Diverter.TakeAsync(Raw.Udp(Client, Peer, [1]))).Verdict);
        if (!peerOnly)
            await service.Firewall.NextAsync<BindRequest>();
        await service.Firewall.NextAsync<ConnectRequest>();
    }

    [TestMethod]
    public async Task ARefusedPeerIsToldAndAskedForOnce()
    {
        await using var service = await RunningService.StartAsync();
        await service.Diverter.TakeAsync(Raw.Udp(Client, Peer, [1]));
        var (channel, bind) = await service.Firewall.NextAsync<BindRequest>();
        channel.Send(new BindReply(RunningService.Outside) { Id = bind.Id });
        var (_, connect) = await service.Firewall.NextAsync<ConnectRequest>();
        channel.Send(new ErrorReply(OpCode.Connect, WinsockError.WSAEACCES, "no") { Id = connect.Id });
        AssertIcmp((await service.Diverter.SentAsync()).Packet, 13);
        Assert.AreEqual(PacketVerdict.Drop, (await service.Diverter.TakeAsync(Raw.Udp(Client, Peer, [1]))).Verdict);
        await service.Diverter.TakeAsync(Raw.Udp(Client, Raw.At("131.107.0.22:69"), [1]));
        Assert.AreEqual("131.107.0.22", (await service.Firewall.NextAsync<ConnectRequest>()).Message.Destination.Address.ToString());
    }

    /// <summary>The answer to the Connect says no more than that there is no socket: the program hears of the Bind's.</summary>
    [TestMethod]
    public async Task ARefusedBindIsToldAndTriedAgainForTheNextPeer()
    {
        await using var service = await RunningService.StartAsync();
        await service.Diverter.TakeAsync(Raw.Udp(Client, Peer, [1]));
        var (channel, bind) = await service.Firewall.NextAsync<BindRequest>();
        var (_, connect) = await service.Firewall.NextAsync<ConnectRequest>();
        channel.Send(new ErrorReply(OpCode.Bind, WinsockError.WSAEACCES, "no") { Id = bind.Id });
        channel.Send(new ErrorReply(OpCode.Connect, WinsockError.WSAEINVAL, "not bound") { Id = connect.Id });
        AssertIcmp((await service.Diverter.SentAsync()).Packet, 13);
        await service.Diverter.TakeAsync(Raw.Udp(Client, Raw.At("131.107.0.22:69"), [1]));
        await service.Firewall.NextAsync<BindRequest>();
    }

    [TestMethod]
    public async Task AFirewallWithoutUdpIsNotAsked()
    {
        await using var service = await RunningService.StartAsync();
        service.Firewall.Protocols = [6];
        await service.Diverter.TakeAsync(Raw.Udp(Client, Peer, [1]));
        AssertIcmp((await service.Diverter.SentAsync()).Packet, 9);
        await service.ConnectAsync(1600);
    }

    [TestMethod]
    [DataRow(false, true)]
    [DataRow(true, true)]
    [DataRow(true, false)]
    public async Task WithoutAFirewallItGoesAsConfigured(bool direct, bool routed)
    {
        await using var service = await RunningService.StartAsync(direct ? UnreachableTreatment.Direct : UnreachableTreatment.Block);
        service.Machine.Routed = routed;
        await service.Firewall.DisposeAsync();
        await service.Diverter.TakeAsync(Raw.Udp(Client, Peer, [1]));
        var sent = (await service.Diverter.SentAsync()).Packet;
        if (direct && routed)
        {
            CollectionAssert.AreEqual(Raw.Udp(Client, Peer, [1]), sent);
            Assert.AreEqual(PacketVerdict.Pass, (await service.Diverter.TakeAsync(Raw.Udp(Client, Peer, [2]))).Verdict);
        }
        else
        {
            AssertIcmp(sent, 9);
        }
    }

    /// <summary>A logon asks its servers (Kerberos): through the firewall, it would wait for itself.</summary>
    [TestMethod]
    public async Task TheServicesOwnDatagramsGoDirect()
    {
        await using var service = await RunningService.StartAsync();
        service.Machine.Owners[1515] = new ProcessInfo(Environment.ProcessId, "fwredirect", null, "root", 0);
        await service.Diverter.TakeAsync(Raw.Udp(Client, Peer, [1]));
        CollectionAssert.AreEqual(Raw.Udp(Client, Peer, [1]), (await service.Diverter.SentAsync()).Packet);
        Assert.AreEqual(PacketVerdict.Pass, (await service.Diverter.TakeAsync(Raw.Udp(Client, Peer, [2]))).Verdict);
    }

    /// <summary>A UDP socket that the firewall knows, with one peer.</summary>
    private static async Task<(IServerChannel Channel, ObjectId Socket, ObjectId Peer)> MapAsync(RunningService service)
    {
        await service.Diverter.TakeAsync(Raw.Udp(Client, Peer, [1]));
        var (channel, bind) = await service.Firewall.NextAsync<BindRequest>();
        channel.Send(new BindReply(RunningService.Outside) { Id = bind.Id });
        var (_, connect) = await service.Firewall.NextAsync<ConnectRequest>();
        channel.Send(RunningService.Reply(connect));
        await service.Diverter.SentAsync();
        return (channel, bind.Id, connect.Id);
    }

    private static async Task AnnounceAsync(RunningService service, IServerChannel channel, ObjectId socket)
    {
        channel.Send(new NewMapping(Stranger.ToIPEndPoint(), RunningService.Outside, OtherInside, SeenAs.ToIPEndPoint()) { Id = socket, FirewallMapping = 7 });
        var received = (await service.Firewall.NextAsync<MappingReceived>()).Message;
        Assert.AreEqual((socket, 7u, OtherInside, Stranger.ToIPEndPoint()), (received.Id, received.FirewallMapping, received.Inside, received.Peer));
    }

    private static void AssertIcmp(byte[] packet, byte code)
    {
        var view = new PacketView(packet);
        Assert.AreEqual((IpProtocol.Icmp, 3, code), (view.Protocol, view.Transport[0], view.Transport[1]));
        Assert.AreEqual(Client.Address, view.Destination.Address);
    }
}
