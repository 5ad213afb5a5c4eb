using System.Net;
using FwRedirect.ControlChannel.Messages;
using FwRedirect.ControlChannel.Wire;
using FwRedirect.Redirector.Configuration;
using FwRedirect.Redirector.Diversion;
using FwRedirect.Redirector.Packets;
using FwRedirect.Redirector.Processes;
using FwRedirect.Tests.Redirector.Packets;
using FwRedirect.Tests.Redirector.Service;

namespace FwRedirect.Tests.Redirector.Journeys;

[TestClass]
public sealed class ConnectJourneyTests
{
    /// <summary>The way to the firewall leaves by loopback here, and the program's socket has another address: as on a machine with a VPN.</summary>
    private static readonly PacketEndpoint SeenAs = Raw.At("127.0.0.1:1515");

    [TestMethod]
    public async Task TheFirewallSeesTheAddressThatItWasToldAndTheProgramItsOwn()
    {
        await using var service = await RunningService.StartAsync();
        await service.Diverter.TakeAsync(RunningService.Syn());
        var (channel, request) = await service.Firewall.NextAsync<ConnectRequest>();
        Assert.AreEqual(channel.Identity.RemoteEndPoint!.Address, request.Source.Address);
        channel.Send(RunningService.Reply(request));
        Assert.AreEqual(SeenAs, new PacketView((await service.Diverter.SentAsync()).Packet).Source);
        var answer = Raw.Tcp(PacketEndpoint.From(RunningService.Inside), SeenAs, TcpFlags.Syn | TcpFlags.Ack, 1, 1001);
        var (verdict, packet) = await service.Diverter.TakeAsync(answer, PacketDirection.Inbound);
        Assert.AreEqual(PacketVerdict.Rewritten, verdict);
        CollectionAssert.AreEqual(Raw.Tcp(RunningService.Peer, RunningService.Client, TcpFlags.Syn | TcpFlags.Ack, 1, 1001), packet);
    }

    [TestMethod]
    public async Task ASecondProgramThatWouldLookTheSameIsRefusedAndClosedAtTheFirewall()
    {
        await using var service = await RunningService.StartAsync();
        await service.ConnectAsync();
        await service.Diverter.TakeAsync(Raw.Tcp(Raw.At("192.168.0.3:1515"), RunningService.Peer, TcpFlags.Syn, 1000));
        var (channel, request) = await service.Firewall.NextAsync<ConnectRequest>();
        channel.Send(RunningService.Reply(request));
        Assert.AreEqual(service.Diverter.LastId, await service.Diverter.DroppedAsync());
        var answer = (await service.Diverter.SentAsync()).Packet;
        Assert.AreEqual((IpProtocol.Icmp, Raw.At("192.168.0.3:0")), (new PacketView(answer).Protocol, new PacketView(answer).Destination));
        Assert.AreEqual(request.Id, (await service.Firewall.NextAsync<Close>()).Message.Id);
    }

    /// <summary>Ctrl-C, or a time limit of its own: the firewall stops connecting, so that the server sees nothing.</summary>
    [TestMethod]
    public async Task AConnectThatTheProgramGivesUpIsClosedAtTheFirewallBeforeItIsAnswered()
    {
        await using var service = await RunningService.StartAsync();
        await service.Diverter.TakeAsync(RunningService.Syn());
        var (channel, request) = await service.Firewall.NextAsync<ConnectRequest>();
        await service.Machine.Events.TellAsync(SocketEventKind.Close, 100, 7, $"{RunningService.Client}", remote: $"{RunningService.Peer}");
        Assert.AreEqual(service.Diverter.LastId, await service.Diverter.DroppedAsync());
        Assert.AreEqual(request.Id, (await service.Firewall.NextAsync<Close>()).Message.Id);
        channel.Send(new ErrorReply(OpCode.Connect, WinsockError.WSAECONNABORTED, "closed") { Id = request.Id });

        // Its port is free for the next, which is another connection.
        await service.Diverter.TakeAsync(RunningService.Syn());
        Assert.AreNotEqual(request.Id, (await service.Firewall.NextAsync<ConnectRequest>()).Message.Id);
    }

    /// <summary>The event of a socket that is long gone, told late: its port is somebody else's by now.</summary>
    [TestMethod]
    public async Task TheEndOfAnotherSocketAtThatPortChangesNothing()
    {
        await using var service = await RunningService.StartAsync();
        service.Machine.Owners[1515] = new ProcessInfo(100, "ftp", null, "alice", 1000) { SocketId = 8 };
        await service.Diverter.TakeAsync(RunningService.Syn());
        var (channel, request) = await service.Firewall.NextAsync<ConnectRequest>();
        await service.Machine.Events.TellAsync(SocketEventKind.Close, 100, 7, $"{RunningService.Client}", remote: $"{RunningService.Peer}");
        channel.Send(RunningService.Reply(request));
        Assert.AreEqual(SeenAs, new PacketView((await service.Diverter.SentAsync()).Packet).Source);
    }

    /// <summary>Windows repeats a refused SYN up to three times: the firewall is asked, and its denial logged, once.</summary>
    [TestMethod]
    public async Task ARefusedSynThatIsRepeatedIsAnsweredWithoutTheFirewall()
    {
        await using var service = await RunningService.StartAsync();
        await service.Diverter.TakeAsync(RunningService.Syn());
        var (channel, request) = await service.Firewall.NextAsync<ConnectRequest>();
        channel.Send(new ErrorReply(OpCode.Connect, WinsockError.WSAECONNREFUSED, "no") { Id = request.Id });
        var (first, _) = await service.Diverter.SentAsync();
        for (var i = 0; i < 3; i++)
        {
            Assert.AreEqual(PacketVerdict.Drop, (await service.Diverter.TakeAsync(RunningService.Syn())).Verdict);
            CollectionAssert.AreEqual(first, (await service.Diverter.SentAsync()).Packet);
        }

        await service.Diverter.TakeAsync(RunningService.Syn(port: 1600));
        Assert.AreEqual(1600, (await service.Firewall.NextAsync<ConnectRequest>()).Message.Source.Port);
    }

    [TestMethod]
    public async Task ProgramsThatNobodyCanNameShareOneChannel()
    {
        await using var service = await RunningService.StartAsync();
        service.Machine.Owners[1515] = null;
        service.Machine.Owners[1516] = ProcessInfo.Unknown;
        service.Machine.Owners[1517] = new ProcessInfo(4, "System", null, "NT AUTHORITY\\SYSTEM", null);
        var (unknown, _) = await service.ConnectAsync();
        Assert.AreEqual(("unknown", "unknown"), (unknown.Identity.Application, unknown.Identity.Client.User));
        Assert.AreSame(unknown, (await service.ConnectAsync(1516)).Channel);
        Assert.AreEqual("System", (await service.ConnectAsync(1517)).Channel.Identity.Application);
        Assert.AreEqual(PacketVerdict.Rewritten, (await service.Diverter.TakeAsync(RunningService.Syn())).Verdict);
    }

    [TestMethod]
    public async Task ASynThatIsRepeatedWhilePendingMakesOneRequest()
    {
        await using var service = await RunningService.StartAsync();
        Assert.AreEqual(PacketVerdict.Hold, (await service.Diverter.TakeAsync(RunningService.Syn())).Verdict);
        var held = service.Diverter.LastId;
        var (channel, request) = await service.Firewall.NextAsync<ConnectRequest>();
        Assert.AreEqual(IPEndPoint.Parse("131.107.0.21:21"), request.Destination);
        Assert.AreEqual(SeenAs.ToIPEndPoint(), request.Source);
        Assert.AreEqual("ftp", channel.Identity.Application);
        Assert.AreEqual(PacketVerdict.Drop, (await service.Diverter.TakeAsync(RunningService.Syn())).Verdict);

        channel.Send(RunningService.Reply(request));
        var (syn, address) = await service.Diverter.SentAsync();
        Assert.AreEqual(held, address.Id);
        Assert.AreEqual(PacketEndpoint.From(RunningService.Inside), new PacketView(syn).Destination);
        await service.Diverter.TakeAsync(RunningService.Syn(port: 1600));
        Assert.AreEqual(1600, (await service.Firewall.NextAsync<ConnectRequest>()).Message.Source.Port);
    }

    [TestMethod]
    [DataRow(WinsockError.WSAECONNREFUSED, IpProtocol.Tcp, (byte)(TcpFlags.Rst | TcpFlags.Ack))]
    [DataRow(WinsockError.WSAEHOSTUNREACH, IpProtocol.Icmp, (byte)1)]
    [DataRow(WinsockError.WSAENETUNREACH, IpProtocol.Icmp, (byte)0)]
    [DataRow(WinsockError.WSAEACCES, IpProtocol.Icmp, (byte)13)]
    public async Task ARefusalReachesTheProgramAsWhatItIs(WinsockError error, byte protocol, byte flagsOrCode)
    {
        await using var service = await RunningService.StartAsync();
        await service.Diverter.TakeAsync(RunningService.Syn());
        var (channel, request) = await service.Firewall.NextAsync<ConnectRequest>();
        channel.Send(new ErrorReply(OpCode.Connect, error, "no") { Id = request.Id });
        Assert.AreEqual(service.Diverter.LastId, await service.Diverter.DroppedAsync());
        var (answer, address) = await service.Diverter.SentAsync();
        Assert.AreEqual(PacketDirection.Inbound, address.Direction);
        var view = new PacketView(answer);
        Assert.AreEqual(protocol, view.Protocol);
        Assert.AreEqual(RunningService.Client.IPv4, view.Destination.IPv4);
        Assert.AreEqual(flagsOrCode, answer[protocol == IpProtocol.Tcp ? view.TransportOffset + 13 : view.TransportOffset + 1]);
    }

    [TestMethod]
    public async Task WhatTheProgramGaveUpIsClosedAtTheFirewall()
    {
        await using var service = await RunningService.StartAsync();
        await service.Diverter.TakeAsync(RunningService.Syn());
        var (channel, first) = await service.Firewall.NextAsync<ConnectRequest>();
        // Another sequence number from the same port: its stack has forgotten the first attempt.
        await service.Diverter.TakeAsync(RunningService.Syn(sequence: 9000));
        var (_, second) = await service.Firewall.NextAsync<ConnectRequest>();
        channel.Send(RunningService.Reply(first));
        Assert.AreEqual(first.Id, (await service.Firewall.NextAsync<Close>()).Message.Id);
        channel.Send(RunningService.Reply(second));
        Assert.AreEqual(9000u, new PacketView((await service.Diverter.SentAsync()).Packet).Sequence);
    }

    [TestMethod]
    public async Task AChannelThatIsLostCutsItsFlows()
    {
        await using var service = await RunningService.StartAsync();
        var (channel, _) = await service.ConnectAsync();
        channel.Abort("the test ends it");
        AssertCut(await service.Diverter.SentAsync());
    }

    [TestMethod]
    public async Task ACloseOfTheFirewallCutsThatFlowAlone()
    {
        await using var service = await RunningService.StartAsync();
        var (channel, _) = await service.ConnectAsync(1600);
        var (_, id) = await service.ConnectAsync();
        channel.Send(new Close("the server is gone", IsFromFirewall: true) { Id = id });
        AssertCut(await service.Diverter.SentAsync());
        Assert.AreEqual(id, (await service.Firewall.NextAsync<Close>()).Message.Id);
        Assert.AreEqual(PacketVerdict.Rewritten, (await service.Diverter.TakeAsync(RunningService.Syn(1600))).Verdict);
    }

    [TestMethod]
    public async Task WithoutAFirewallBlockRefusesAtOnce()
    {
        await using var service = await RunningService.StartAsync();
        await service.Firewall.DisposeAsync();
        await service.Diverter.TakeAsync(RunningService.Syn());
        var (answer, _) = await service.Diverter.SentAsync();
        Assert.AreEqual(IpProtocol.Icmp, new PacketView(answer).Protocol);
        Assert.AreEqual(service.Diverter.LastId, await service.Diverter.DroppedAsync());
    }

    [TestMethod]
    public async Task WithoutAFirewallDirectLetsTheSynGoAsItCame()
    {
        await using var service = await RunningService.StartAsync(UnreachableTreatment.Direct);
        await service.Firewall.DisposeAsync();
        await service.Diverter.TakeAsync(RunningService.Syn());
        var (syn, address) = await service.Diverter.SentAsync();
        CollectionAssert.AreEqual(RunningService.Syn(), syn);
        Assert.AreEqual(service.Diverter.LastId, address.Id);
    }

    /// <summary>Our fallback route leads nowhere: without us the program would have been told so at once.</summary>
    [TestMethod]
    public async Task DirectWithoutAWayOfItsOwnIsUnreachableAtOnce()
    {
        await using var service = await RunningService.StartAsync(UnreachableTreatment.Direct);
        service.Machine.Routed = false;
        await service.Firewall.DisposeAsync();
        await service.Diverter.TakeAsync(RunningService.Syn());
        var (answer, address) = await service.Diverter.SentAsync();
        Assert.AreEqual(IpProtocol.Icmp, new PacketView(answer).Protocol);
        Assert.AreEqual(PacketDirection.Inbound, address.Direction);
        Assert.AreEqual(service.Diverter.LastId, await service.Diverter.DroppedAsync());
    }

    private static void AssertCut((byte[] Packet, DivertAddress Address) sent)
    {
        var view = new PacketView(sent.Packet);
        Assert.AreNotEqual(default, view.Flags & TcpFlags.Rst);
        Assert.AreEqual(RunningService.Peer, view.Source);
        Assert.AreEqual(RunningService.Client, view.Destination);
        Assert.AreEqual(PacketDirection.Inbound, sent.Address.Direction);
    }
}
