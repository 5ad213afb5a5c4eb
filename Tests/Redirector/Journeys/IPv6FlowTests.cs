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
