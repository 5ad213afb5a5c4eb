using System.Net;
using FwRedirect.ControlChannel.Messages;
using FwRedirect.ControlChannel.Server;
using FwRedirect.ControlChannel.Settings;
using FwRedirect.ControlChannel.Wire;
using FwRedirect.Redirector.Diversion;
using FwRedirect.Redirector.Packets;
using FwRedirect.Redirector.Processes;
using FwRedirect.Tests.Redirector.Packets;
using FwRedirect.Tests.Redirector.Service;

namespace FwRedirect.Tests.Redirector.Journeys;

[TestClass]
public sealed class ListenJourneyTests
{
    private const int Ftp = 100;

    /// <summary>The channel's own end is on loopback here, and a wildcard bind stands for it.</summary>
    private static readonly IPEndPoint Bound = IPEndPoint.Parse("127.0.0.1:1600");

    private static readonly IPEndPoint Peer = IPEndPoint.Parse("131.107.0.21:20");

    [TestMethod]
    public async Task AConnectionFromOutsideReachesTheProgramWithItsTruePeer()
    {
        await using var service = await RunningService.StartAsync();
        var (channel, id) = await ListenAsync(service);
        channel.Send(new NewMapping(Peer, RunningService.Outside, RunningService.Inside, Bound) { Id = id, FirewallMapping = 7 });
        var (_, received) = await service.Firewall.NextAsync<MappingReceived>();
        Assert.AreEqual((id, 7u), (received.Id, received.FirewallMapping));
        var syn = Raw.Tcp(PacketEndpoint.From(RunningService.Inside), PacketEndpoint.From(Bound), TcpFlags.Syn);
        var (verdict, packet) = await service.Diverter.TakeAsync(syn, PacketDirection.Inbound);
        Assert.AreEqual(PacketVerdict.Rewritten, verdict);
        Assert.AreEqual(PacketEndpoint.From(Peer), new PacketView(packet).Source);
    }

    [TestMethod]
    public async Task AProgramAtAnotherAddressIsReachedThere()
    {
        await using var service = await RunningService.StartAsync();
        var (channel, id) = await ListenAsync(service, "192.168.0.2:1600");
        channel.Send(new NewMapping(Peer, RunningService.Outside, RunningService.Inside, Bound) { Id = id, FirewallMapping = 7 });
        await service.Firewall.NextAsync<MappingReceived>();
        var syn = Raw.Tcp(PacketEndpoint.From(RunningService.Inside), PacketEndpoint.From(Bound), TcpFlags.Syn);
        var (_, packet) = await service.Diverter.TakeAsync(syn, PacketDirection.Inbound);
        CollectionAssert.AreEqual(Raw.Tcp(PacketEndpoint.From(Peer), Raw.At("192.168.0.2:1600"), TcpFlags.Syn), packet);
    }

    [TestMethod]
    public async Task AMappingThatLooksLikeAConnectionOfAnotherProgramIsClosed()
    {
        await using var service = await RunningService.StartAsync();
        var (channel, id) = await ListenAsync(service);
        await service.ConnectAsync(1600);
        channel.Send(new NewMapping(Peer, RunningService.Outside, RunningService.Inside, Bound) { Id = id, FirewallMapping = 7 });
        Assert.AreEqual(7u, (await service.Firewall.NextAsync<Close>()).Message.FirewallMapping);
    }

    [TestMethod]
    public async Task AListenOfSystemIsBoundAndOneThatCanNotBeLookedUpHoldsNobody()
    {
        await using var service = await RunningService.StartAsync();
        service.Machine.Owners[1515] = new ProcessInfo(4, "System", null, "NT AUTHORITY\\SYSTEM", null);
        await service.ConnectAsync();
        service.Machine.LookUpFails = true;
        await service.Machine.Events.TellAsync(SocketEventKind.Listen, 4, 3, "0.0.0.0:1597");
        await service.Machine.Events.TellAsync(SocketEventKind.Close, 4, 3, "0.0.0.0:1597");
        service.Machine.LookUpFails = false;
        await service.Machine.Events.TellAsync(SocketEventKind.Listen, 0, 5, "0.0.0.0:1598");
        await service.Machine.Events.TellAsync(SocketEventKind.Listen, 4, 4, "0.0.0.0:1600");
        var (channel, bind) = await service.Firewall.NextAsync<BindRequest>();
        Assert.AreEqual(("System", 1600), (channel.Identity.Application, bind.ClientEndpoint.Port));
    }

    [TestMethod]
    public async Task AMappingOfAnUnknownBindingIsClosedByItsOwnIds()
    {
        await using var service = await RunningService.StartAsync();
        var (channel, _) = await service.ConnectAsync();
        var unknown = new ObjectId(0x990200);
        channel.Send(new NewMapping(Peer, RunningService.Outside, RunningService.Inside, Bound) { Id = unknown, FirewallMapping = 7 });
        var (_, close) = await service.Firewall.NextAsync<Close>();
        Assert.AreEqual((unknown, 7u), (close.Id, close.FirewallMapping));
    }

    [TestMethod]
    public async Task AMappingToAnotherPortThanTheBoundOneIsClosed()
    {
        await using var service = await RunningService.StartAsync();
        var (channel, id) = await ListenAsync(service);
        channel.Send(new NewMapping(Peer, RunningService.Outside, RunningService.Inside, IPEndPoint.Parse("127.0.0.1:22")) { Id = id, FirewallMapping = 8 });
        Assert.AreEqual(8u, (await service.Firewall.NextAsync<Close>()).Message.FirewallMapping);
    }

    [TestMethod]
    public async Task AListenIsBoundOnlyForAProcessWithARedirectedFlow()
    {
        await using var service = await RunningService.StartAsync();
        await service.Machine.Events.TellAsync(SocketEventKind.Listen, Ftp, 1, "0.0.0.0:1599");
        await service.ConnectAsync();
        await service.Machine.Events.TellAsync(SocketEventKind.Listen, Ftp, 2, "127.0.0.1:1598");
        await service.Machine.Events.TellAsync(SocketEventKind.Listen, Ftp + 1, 3, "0.0.0.0:1597");
        await service.Machine.Events.TellAsync(SocketEventKind.Listen, Ftp, 4, "0.0.0.0:1600");
        var (_, bind) = await service.Firewall.NextAsync<BindRequest>();
        Assert.AreEqual(Bound, bind.ClientEndpoint);
        Assert.IsTrue(bind.Id.IsBoundSocket);
    }

    [TestMethod]
    public async Task ASocketThatIsClosedWhileItsBindIsPendingIsClosedAfterTheReply()
    {
        await using var service = await RunningService.StartAsync();
        await service.ConnectAsync();
        await service.Machine.Events.TellAsync(SocketEventKind.Listen, Ftp, 4, "0.0.0.0:1600");
        var (channel, bind) = await service.Firewall.NextAsync<BindRequest>();
        await service.Machine.Events.TellAsync(SocketEventKind.Close, Ftp, 4, "0.0.0.0:1600");
        channel.Send(new BindReply(RunningService.Outside) { Id = bind.Id });
        // And nobody is asked to listen first.
        Assert.AreEqual(bind.Id, (await service.Firewall.NextAsync<Close>()).Message.Id);
    }

    [TestMethod]
    public async Task WhatTheProgramSaysAfterItsListenWaitsUntilTheFirewallListens()
    {
        await using var service = await RunningService.StartAsync();
        await service.ConnectAsync();
        await service.Machine.Events.TellAsync(SocketEventKind.Listen, Ftp, 4, "0.0.0.0:1600");
        var command = Raw.Tcp(RunningService.Client, RunningService.Peer, TcpFlags.Ack, 1001, 1, "PORT 192,168,0,2,6,64\r\n"u8.ToArray());
        Assert.AreEqual(PacketVerdict.Hold, (await service.Diverter.TakeAsync(command)).Verdict);
        var (channel, bind) = await service.Firewall.NextAsync<BindRequest>();
        channel.Send(new BindReply(RunningService.Outside) { Id = bind.Id });
        await service.Firewall.NextAsync<ListenRequest>();
        channel.Send(new ListenReply(RunningService.Outside) { Id = bind.Id });
        var (released, address) = await service.Diverter.SentAsync();
        Assert.AreEqual(service.Diverter.LastId, address.Id);
        Assert.AreEqual(PacketEndpoint.From(RunningService.Inside), new PacketView(released).Destination);
        Assert.AreEqual(PacketVerdict.Rewritten, (await service.Diverter.TakeAsync(command)).Verdict);
    }

    [TestMethod]
    public async Task ARefusedListenGivesTheBindingBack()
    {
        await using var service = await RunningService.StartAsync();
        await service.ConnectAsync();
        await service.Machine.Events.TellAsync(SocketEventKind.Listen, Ftp, 4, "0.0.0.0:1600");
        var (channel, bind) = await service.Firewall.NextAsync<BindRequest>();
        channel.Send(new BindReply(RunningService.Outside) { Id = bind.Id });
        await service.Firewall.NextAsync<ListenRequest>();
        channel.Send(new ErrorReply(OpCode.Listen, WinsockError.WSAEACCES, "not allowed") { Id = bind.Id });
        Assert.AreEqual(bind.Id, (await service.Firewall.NextAsync<Close>()).Message.Id);
    }

    [TestMethod]
    public async Task AProgramThatOnlyListensIsBoundWhereASettingNamesItsPort()
    {
        await using var service = await PublishingAsync();
        await service.Machine.Events.TellAsync(SocketEventKind.Listen, Ftp, 4, "0.0.0.0:1601");
        await service.Machine.Events.TellAsync(SocketEventKind.Listen, Ftp, 5, "0.0.0.0:1600");
        var (_, bind) = await service.Firewall.NextAsync<BindRequest>();
        Assert.AreEqual((Bound, 1600), (bind.ClientEndpoint, bind.Wanted.Port));
    }

    [TestMethod]
    public async Task WithoutASettingAnyPortIsAskedFor()
    {
        await using var service = await RunningService.StartAsync();
        await service.ConnectAsync();
        await service.Machine.Events.TellAsync(SocketEventKind.Listen, Ftp, 4, "0.0.0.0:1600");
        Assert.AreEqual(0, (await service.Firewall.NextAsync<BindRequest>()).Message.Wanted.Port);
    }

    /// <summary>One for each address family, or one for each worker (SO_REUSEPORT).</summary>
    [TestMethod]
    public async Task SocketsOfOneEndpointAreOneBindingThatTheLastOneEnds()
    {
        await using var service = await PublishingAsync();
        await service.Machine.Events.TellAsync(SocketEventKind.Listen, Ftp, 4, "0.0.0.0:1600");
        var (channel, bind) = await service.Firewall.NextAsync<BindRequest>();
        await AnswerAsync(service, channel, bind);
        await service.Machine.Events.TellAsync(SocketEventKind.Listen, Ftp, 5, "[::]:1600");
        await service.Machine.Events.TellAsync(SocketEventKind.Listen, Ftp, 5, "[::]:1600");
        await service.Machine.Events.TellAsync(SocketEventKind.Close, Ftp, 4, "0.0.0.0:1600");
        // The binding is there still: it takes a mapping.
        channel.Send(new NewMapping(Peer, RunningService.Outside, RunningService.Inside, Bound) { Id = bind.Id, FirewallMapping = 7 });
        await service.Firewall.NextAsync<MappingReceived>();
        await service.Machine.Events.TellAsync(SocketEventKind.Close, Ftp, 5, "[::]:1600");
        Assert.AreEqual((bind.Id, 0u), (await service.Firewall.NextAsync<Close>()).Message is var close ? (close.Id, close.FirewallMapping) : default);
    }

    [TestMethod]
    public async Task APublishedPortThatIsTakenIsAskedForAgain()
    {
        await using var service = await PublishingAsync();
        await service.Machine.Events.TellAsync(SocketEventKind.Listen, Ftp, 4, "0.0.0.0:1600");
        var (channel, bind) = await service.Firewall.NextAsync<BindRequest>();
        channel.Send(new ErrorReply(OpCode.Bind, WinsockError.WSAEADDRINUSE, "131.107.0.19/1600 is in use") { Id = bind.Id });
        var (_, again) = await service.Firewall.NextAsync<BindRequest>();
        Assert.AreEqual(1600, again.Wanted.Port);
        Assert.AreNotEqual(bind.Id, again.Id);
    }

    [TestMethod]
    public async Task APublishedPortThatTheFirewallGaveUpIsAskedForAgain()
    {
        await using var service = await PublishingAsync();
        await service.Machine.Events.TellAsync(SocketEventKind.Listen, Ftp, 4, "0.0.0.0:1600");
        var (channel, bind) = await service.Firewall.NextAsync<BindRequest>();
        await AnswerAsync(service, channel, bind);
        channel.Send(new Close("the administrator wants it", IsFromFirewall: true) { Id = bind.Id });
        Assert.AreEqual(1600, (await service.Firewall.NextAsync<BindRequest>()).Message.Wanted.Port);
    }

    [TestMethod]
    public async Task AListenerThatIsOlderThanTheServiceIsFoundAndGivenBackWhenTheSystemHasItNoMore()
    {
        await using var service = await PublishingAsync(machine =>
        {
            machine.Events.System[8] = "0.0.0.0:1600";
            machine.Events.System[9] = "0.0.0.0:1700";
            machine.Events.System[10] = "127.0.0.1:1600";
        });
        var (channel, bind) = await service.Firewall.NextAsync<BindRequest>();
        Assert.AreEqual(1600, bind.Wanted.Port);
        await AnswerAsync(service, channel, bind);
        service.Machine.Events.System.Clear();
        Assert.AreEqual(bind.Id, (await service.Firewall.NextAsync<Close>()).Message.Id);
    }

    private static Task<RunningService> PublishingAsync(Action<FakeMachine>? prepare = null) => RunningService.StartAsync(
        change: options => options with
        {
            Applications = new ApplicationSettings(
                [new Setting(new ApplicationName("ftp"), SettingKey.ServerBindTcpPorts, SettingTable.Parse(SettingKey.ServerBindTcpPorts, "1600")!, "test")]),
        },
        prepare: prepare);

    private static async Task AnswerAsync(RunningService service, IServerChannel channel, BindRequest bind)
    {
        channel.Send(new BindReply(RunningService.Outside) { Id = bind.Id });
        await service.Firewall.NextAsync<ListenRequest>();
        channel.Send(new ListenReply(RunningService.Outside) { Id = bind.Id });
    }

    private static async Task<(IServerChannel Channel, ObjectId Id)> ListenAsync(RunningService service, string local = "0.0.0.0:1600")
    {
        await service.ConnectAsync();
        await service.Machine.Events.TellAsync(SocketEventKind.Listen, Ftp, 4, local);
        var (channel, bind) = await service.Firewall.NextAsync<BindRequest>();
        Assert.AreEqual(Bound, bind.ClientEndpoint);
        channel.Send(new BindReply(RunningService.Outside) { Id = bind.Id });
        await service.Firewall.NextAsync<ListenRequest>();
        channel.Send(new ListenReply(RunningService.Outside) { Id = bind.Id });
        return (channel, bind.Id);
    }
}
