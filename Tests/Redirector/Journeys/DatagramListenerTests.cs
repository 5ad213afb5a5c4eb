using System.Net;
using FwRedirect.ControlChannel.Messages;
using FwRedirect.ControlChannel.Server;
using FwRedirect.ControlChannel.Settings;
using FwRedirect.ControlChannel.Wire;
using FwRedirect.Redirector.Diversion;
using FwRedirect.Redirector.Packets;
using FwRedirect.Tests.Redirector.Packets;
using FwRedirect.Tests.Redirector.Service;

namespace FwRedirect.Tests.Redirector.Journeys;

/// <summary>UDP sockets that only wait.</summary>
[TestClass]
public sealed class DatagramListenerTests
{
    private const int Ftp = 100;
    private const ulong SocketId = 4711;
    private static readonly IPEndPoint Bound = IPEndPoint.Parse("127.0.0.1:5060");
    private static readonly IPEndPoint Peer = IPEndPoint.Parse("131.107.0.21:40000");

    /// <summary>A server: it has sent nothing, and whoever sends to its outside port reaches it, as himself.</summary>
    [TestMethod]
    public async Task AServersSocketIsBoundAndListensAndItsPeersAreSeenAsThemselves()
    {
        await using var service = await StartAsync(SettingKey.ServerBindUdpPorts);
        var (channel, bind) = await BindAsync(service);
        Assert.AreEqual((17, IPEndPoint.Parse("131.107.0.19:5060"), Bound), ((int)bind.Protocol, bind.Wanted, bind.ClientEndpoint));
        var (_, listen) = await service.Firewall.NextAsync<ListenRequest>();
        Assert.AreEqual((bind.Id, RunningService.Outside), (listen.Id, listen.Outside));
        channel.Send(new ListenReply(listen.Outside) { Id = bind.Id });

        channel.Send(new NewMapping(Peer, RunningService.Outside, RunningService.Inside, Bound) { Id = bind.Id, FirewallMapping = 7 });
        await service.Firewall.NextAsync<MappingReceived>();
        var inside = PacketEndpoint.From(RunningService.Inside);
        var (verdict, packet) = await service.Diverter.TakeAsync(Raw.Udp(inside, PacketEndpoint.From(Bound), [1]), PacketDirection.Inbound);
        Assert.AreEqual(PacketVerdict.Rewritten, verdict);
        CollectionAssert.AreEqual(Raw.Udp(PacketEndpoint.From(Peer), PacketEndpoint.From(Bound), [1]), packet);
        // The answer goes the same way, with nobody asked.
        (verdict, packet) = await service.Diverter.TakeAsync(Raw.Udp(PacketEndpoint.From(Bound), PacketEndpoint.From(Peer), [2]));
        Assert.AreEqual(PacketVerdict.Rewritten, verdict);
        CollectionAssert.AreEqual(Raw.Udp(PacketEndpoint.From(Bound), inside, [2]), packet);
    }

    [TestMethod]
    public async Task ARemoteSocketIsBoundWithoutAListenAndIsGivenBackAtItsClose()
    {
        await using var service = await StartAsync(SettingKey.RemoteBindUdpPorts);
        var (_, bind) = await BindAsync(service);
        await service.Machine.Events.TellAsync(SocketEventKind.Close, Ftp, SocketId, "0.0.0.0:0", protocol: 17);
        Assert.AreEqual(bind.Id, (await service.Firewall.NextAsync<Close>()).Message.Id);
    }

    /// <summary>What the program sends is the same socket's.</summary>
    [TestMethod]
    public async Task WhatItSendsNeedsNoSecondBind()
    {
        await using var service = await StartAsync(SettingKey.RemoteBindUdpPorts);
        var (_, bind) = await BindAsync(service, local: "192.168.0.2:5060");
        await service.Diverter.TakeAsync(Raw.Udp(Raw.At("192.168.0.2:5060"), PacketEndpoint.From(Peer), [1]));
        Assert.AreEqual(bind.Id, (await service.Firewall.NextAsync<ConnectRequest>()).Message.Association?.Socket);
    }

    /// <summary>The firewall's service was started anew, say.</summary>
    [TestMethod]
    public async Task WhatTheFirewallGaveUpIsAskedForAgain()
    {
        await using var service = await StartAsync(SettingKey.RemoteBindUdpPorts);
        var (channel, bind) = await BindAsync(service);
        channel.Send(new Close("its place was needed", IsFromFirewall: true) { Id = bind.Id });
        var (_, again) = await service.Firewall.NextAsync<BindRequest>();
        Assert.AreEqual(Bound, again.ClientEndpoint);
    }

    [TestMethod]
    public async Task ARefusedOneIsSaidWithItsReason()
    {
        await using var service = await StartAsync(SettingKey.ServerBindUdpPorts);
        await service.Machine.Events.TellAsync(SocketEventKind.Bind, Ftp, SocketId, "0.0.0.0:5060", protocol: 17);
        var (channel, bind) = await service.Firewall.NextAsync<BindRequest>();
        channel.Send(new ErrorReply(OpCode.Bind, WinsockError.WSAEACCES, "no") { Id = bind.Id });
        service.Log.Next("ftp listens on 0.0.0.0:5060, but not at the firewall: WSAEACCES, no");
        // What it sends asks for a socket of its own.
        await service.Diverter.TakeAsync(Raw.Udp(PacketEndpoint.From(Bound), PacketEndpoint.From(Peer), [1]));
        Assert.AreEqual(Bound, (await service.Firewall.NextAsync<BindRequest>()).Message.ClientEndpoint);
    }

    /// <summary>Two workers with one port are one outside, which lasts as long as the longer of them.</summary>
    [TestMethod]
    public async Task SocketsThatShareAPortAreOne()
    {
        await using var service = await StartAsync(SettingKey.RemoteBindUdpPorts);
        var (_, bind) = await BindAsync(service);
        await service.Machine.Events.TellAsync(SocketEventKind.Bind, Ftp, 2, "[::]:5060", protocol: 17);
        await service.Machine.Events.TellAsync(SocketEventKind.Close, Ftp, 2, "0.0.0.0:0", protocol: 17);
        await service.Machine.Events.TellAsync(SocketEventKind.Close, Ftp, SocketId, "0.0.0.0:0", protocol: 17);
        Assert.AreEqual(bind.Id, (await service.Firewall.NextAsync<Close>()).Message.Id);
        // And that was all: what comes next is another program's.
        await service.ConnectAsync();
    }

    [TestMethod]
    public async Task WhatNobodySpeaksOfIsNotBound()
    {
        await using var service = await StartAsync(SettingKey.ServerBindUdpPorts);
        service.Machine.Owners[5060] = null;
        foreach (var local in new[] { "0.0.0.0:5061", "127.0.0.1:5060", "224.0.0.251:5060", "[::1]:5060" })
            await service.Machine.Events.TellAsync(SocketEventKind.Bind, Ftp, 1, local, protocol: 17);
        await service.Machine.Events.TellAsync(SocketEventKind.Bind, Ftp, 2, "0.0.0.0:5060");
        await service.Machine.Events.TellAsync(SocketEventKind.Bind, Ftp + 1, 3, "0.0.0.0:5060", protocol: 17);
        await service.ConnectAsync();
    }

    private static Task<RunningService> StartAsync(SettingKey key) => RunningService.StartAsync(change: options => options with
    {
        Applications = new ApplicationSettings([new Setting(new ApplicationName("ftp"), key, SettingTable.Parse(key, "5060")!, "test")]),
    });

    private static async Task<(IServerChannel Channel, BindRequest Bind)> BindAsync(RunningService service, string local = "0.0.0.0:5060")
    {
        await service.Machine.Events.TellAsync(SocketEventKind.Bind, Ftp, SocketId, local, protocol: 17);
        var (channel, bind) = await service.Firewall.NextAsync<BindRequest>();
        channel.Send(new BindReply(RunningService.Outside) { Id = bind.Id });
        return (channel, bind);
    }
}
