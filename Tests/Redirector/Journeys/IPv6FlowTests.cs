using System.Net;
using FwRedirect.ControlChannel.Messages;
using FwRedirect.ControlChannel.Server;
using FwRedirect.ControlChannel.Wire;
using FwRedirect.Redirector.Configuration;
using FwRedirect.Redirector.Diversion;
using FwRedirect.Redirector.Packets;
using FwRedirect.Tests.ControlChannel.Names;
using FwRedirect.Tests.Redirector.Packets;
using FwRedirect.Tests.Redirector.Service;

namespace FwRedirect.Tests.Redirector.Journeys;

/// <summary>Flows of IPv6 where the firewall has it: on channels of their own, which stand over IPv6.</summary>
[TestClass]
public sealed class IPv6FlowTests
{
    private const ushort Aaaa = 28;
    private static readonly PacketEndpoint Client = Raw.At("[2001:db8:1::2]:1515");
    private static readonly PacketEndpoint Peer = Raw.At("[2001:db8:2::21]:80");
    private static readonly PacketEndpoint Inside = Raw.At("[::1]:6789");
    private static readonly byte[] Syn = Raw.Tcp(Client, Peer, TcpFlags.Syn, 1000);

    [TestMethod]
    public async Task AConnectionGoesOverAChannelOfItsOwnVersion()
    {
        await using var service = await RunningService.StartAsync(ipv6: true);
        var (channel, request) = await AskAsync(service);
        Assert.AreEqual(Peer.ToIPEndPoint(), request.Destination);
        // As the firewall sees this machine on that channel.
        Assert.AreEqual(IPEndPoint.Parse("[::1]:1515"), request.Source);
        channel.Send(Reply(request));
        var (packet, _) = await service.Diverter.SentAsync();
        CollectionAssert.AreEqual(Raw.Tcp(Raw.At("[::1]:1515"), Inside, TcpFlags.Syn, 1000), packet);

        await service.Diverter.TakeAsync(RunningService.Syn());
        var (other, connect) = await service.Firewall.NextAsync<ConnectRequest>();
        Assert.AreNotSame(channel, other);
        other.Send(RunningService.Reply(connect));
        await service.Diverter.SentAsync();
    }

    [TestMethod]
    public async Task ADatagramGoesThereToo()
    {
        await using var service = await RunningService.StartAsync(ipv6: true);
        Assert.AreEqual(PacketVerdict.Drop, (await service.Diverter.TakeAsync(Raw.Udp(Client, Peer, [1]))).Verdict);
        var (channel, bind) = await service.Firewall.NextAsync<BindRequest>();
        Assert.AreEqual((17, IPEndPoint.Parse("[2001:db8:2::19]:1515"), IPEndPoint.Parse("[::1]:1515")), ((int)bind.Protocol, bind.Wanted, bind.ClientEndpoint));
        var (_, connect) = await service.Firewall.NextAsync<ConnectRequest>();
        channel.Send(new BindReply(bind.Wanted) { Id = bind.Id });
        channel.Send(Reply(connect));
        CollectionAssert.AreEqual(Raw.Udp(Raw.At("[::1]:1515"), Inside, [1]), (await service.Diverter.SentAsync()).Packet);
        CollectionAssert.AreEqual(Raw.Udp(Peer, Client, [2]), (await service.Diverter.TakeAsync(Raw.Udp(Inside, Raw.At("[::1]:1515"), [2]), PacketDirection.Inbound)).Packet);

        channel.Send(new MappingError(WinsockError.WSAECONNREFUSED, Peer.ToIPEndPoint(), "nobody listens") { Id = connect.Id });
        var (error, _) = await service.Diverter.SentAsync();
        Assert.AreEqual((IpProtocol.IcmpV6, 1, 4), (new PacketView(error).Protocol, error[40], error[41]), "port unreachable");
    }

    [TestMethod]
    public async Task APingIsAskedOfTheFirewall()
    {
        await using var service = await RunningService.StartAsync(ipv6: true, pings: true);
        var (server, program) = (Peer with { Port = 0 }, Client with { Port = 0 });
        Assert.AreEqual(PacketVerdict.Drop, (await service.Diverter.TakeAsync(Echo(program, server, 128))).Verdict);
        var (channel, request) = await service.Firewall.NextAsync<EchoRequest>();
        Assert.AreEqual((IPAddress.Parse("2001:db8:2::21"), (byte)61, EchoFlags.None, (ushort)0x1A2B, (ushort)3), (request.Destination, request.TimeToLive, request.Flags, request.Identifier, request.Sequence));
        channel.Send(new EchoReply(request.Destination, 57, request.Identifier, request.Sequence, request.Data) { Id = request.Id });
        var (reply, _) = await service.Diverter.SentAsync();
        Assert.AreEqual(57, reply[7]);
        CollectionAssert.AreEqual(Echo(server, program, 129)[8..], reply[8..]);

        var router = Raw.At("[2001:db8:2::1]:0");
        channel.Send(new EchoError(router.ToIPEndPoint().Address, 2, 0, 1300, request.Destination, request.Identifier, request.Sequence, "") { Id = request.Id });
        var (error, _) = await service.Diverter.SentAsync();
        var expected = Raw.Ip(router, program, IpProtocol.IcmpV6, [2, 0, 0, 0, 0, 0, 1300 >> 8, 1300 & 0xFF, .. Echo(program, server, 128)], 2, null);
        CollectionAssert.AreEqual(expected[8..], error[8..]);
    }

    [TestMethod]
    [DataRow(WinsockError.WSAECONNREFUSED, IpProtocol.Tcp, 0)]
    [DataRow(WinsockError.WSAEHOSTUNREACH, IpProtocol.IcmpV6, 3)]
    [DataRow(WinsockError.WSAENETUNREACH, IpProtocol.IcmpV6, 0)]
    [DataRow(WinsockError.WSAEACCES, IpProtocol.IcmpV6, 1)]
    public async Task WhatTheFirewallSaysReachesTheProgramAsWhatItIs(WinsockError error, byte protocol, int code)
    {
        await using var service = await RunningService.StartAsync(ipv6: true);
        var (channel, request) = await AskAsync(service);
        channel.Send(new ErrorReply(OpCode.Connect, error, "no") { Id = request.Id });
        var (packet, _) = await service.Diverter.SentAsync();
        Assert.AreEqual((protocol, Peer.Address, Client.Address), (new PacketView(packet).Protocol, new PacketView(packet).Source.Address, new PacketView(packet).Destination.Address));
        if (protocol == IpProtocol.IcmpV6)
            Assert.AreEqual((1, code), (packet[40], packet[41]));
    }

    /// <summary>The road of IPv6 breaks, that of IPv4 goes on: nobody is told of addresses that can not be reached, and a program that has one is told at once.</summary>
    [TestMethod]
    public async Task ABrokenRoadTakesIPv4NotDown()
    {
        await using var service = await RunningService.StartAsync(ipv6: true);
        Assert.AreEqual(1, await AddressesAsync(service, "www.contoso.com"));
        service.Firewall.CloseIPv6();
        await service.Diverter.TakeAsync(Syn);
        var (packet, _) = await service.Diverter.SentAsync();
        Assert.AreEqual((IpProtocol.IcmpV6, 1, 0), (new PacketView(packet).Protocol, packet[40], packet[41]), "no route");
        Assert.AreEqual(0, await AddressesAsync(service, "www.contoso.com", isKept: true));
        await service.ConnectAsync();
    }

    [TestMethod]
    public async Task AMachineWithoutAnAddressIsToldNoneOfOthers()
    {
        await using var service = await RunningService.StartAsync(ipv6: true, prepare: machine => machine.HasIPv6 = false);
        Assert.AreEqual(0, await AddressesAsync(service, "www.contoso.com"));
        service.Machine.HasIPv6 = true;
        service.Machine.NetworksChanged();
        Assert.AreEqual(1, await AddressesAsync(service, "www.contoso.com", isKept: true));
    }

    /// <summary>WhenFirewallHasNoIPv6 is about firewalls that have none.</summary>
    [TestMethod]
    public async Task DirectIsForAFirewallThatHasNone()
    {
        await using var service = await RunningService.StartAsync(ipv6: true, change: options => options with { WhenFirewallHasNoIPv6 = NoIPv6Treatment.Direct });
        await AskAsync(service);
    }

    private static async Task<(IServerChannel Channel, ConnectRequest Request)> AskAsync(RunningService service)
    {
        Assert.AreEqual(PacketVerdict.Hold, (await service.Diverter.TakeAsync(Syn)).Verdict);
        return await service.Firewall.NextAsync<ConnectRequest>();
    }

    private static ConnectReply Reply(ConnectRequest request) =>
        new(request.Source, Inside.ToIPEndPoint(), IPEndPoint.Parse("[2001:db8:2::19]:4000"), request.Destination) { Id = request.Id };

    private static byte[] Echo(PacketEndpoint source, PacketEndpoint destination, byte type) =>
        Raw.Ip(source, destination, IpProtocol.IcmpV6, [type, 0, 0, 0, 0x1A, 0x2B, 0, 3, 1, 2, 3, 4, 5], 2, null);

    /// <summary>How many a question for AAAA is answered with.</summary>
    private static async Task<int> AddressesAsync(RunningService service, string name, bool isKept = false)
    {
        await service.Diverter.TakeAsync(Raw.Udp(Raw.At("192.168.0.2:5353"), Raw.At("131.107.0.2:53"), Queries.Make(name, Aaaa)));
        if (!isKept)
        {
            var (channel, request) = await service.Firewall.NextAsync<GetHostByName>();
            channel.Send(new HostEntry(name, name, [], [IPAddress.Parse("131.107.0.21"), IPAddress.Parse("2001:db8:2::21")], TimeSpan.FromMinutes(1)) { Id = request.Id });
        }

        var (packet, _) = await service.Diverter.SentAsync();
        return new PacketView(packet).PayloadBytes[7];
    }
}
