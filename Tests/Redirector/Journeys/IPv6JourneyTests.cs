using System.Net;
using FwRedirect.ControlChannel.Messages;
using FwRedirect.Redirector.Configuration;
using FwRedirect.Redirector.Diversion;
using FwRedirect.Redirector.Packets;
using FwRedirect.Tests.ControlChannel.Names;
using FwRedirect.Tests.Redirector.Packets;
using FwRedirect.Tests.Redirector.Service;

namespace FwRedirect.Tests.Redirector.Journeys;

/// <summary>IPv6 while the firewall has none: refused at once and with its reason, or on its own way where the administrator says so. Never silently past the firewall.</summary>
[TestClass]
public sealed class IPv6JourneyTests
{
    private const byte Unreachable = 1;
    private const byte Prohibited = 1;
    private static readonly PacketEndpoint Client = Raw.At("[2001:db8:1::2]:1515");
    private static readonly PacketEndpoint Peer = Raw.At("[2001:db8:2::21]:80");
    private static readonly byte[] Syn = Raw.Tcp(Client, Peer, TcpFlags.Syn, 1000);

    [TestMethod]
    public async Task AConnectionIsResetAtOnceAndSoIsItsRepetition()
    {
        await using var service = await RunningService.StartAsync();
        Assert.AreEqual(PacketVerdict.Hold, (await service.Diverter.TakeAsync(Syn)).Verdict);
        Assert.AreEqual(service.Diverter.LastId, await service.Diverter.DroppedAsync());
        var (packet, address) = await service.Diverter.SentAsync();
        CollectionAssert.AreEqual(Raw.Tcp(Peer, Client, TcpFlags.Rst | TcpFlags.Ack, 0, 1001), Normalized(packet));
        Assert.AreEqual((PacketDirection.Inbound, 7u), (address.Direction, address.InterfaceIndex));
        Assert.AreEqual(PacketVerdict.Drop, (await service.Diverter.TakeAsync(Syn)).Verdict);
        CollectionAssert.AreEqual(packet, (await service.Diverter.SentAsync()).Packet);
    }

    [TestMethod]
    public async Task ADatagramAndAPingAreToldThatThePolicyForbidsThem()
    {
        await using var service = await RunningService.StartAsync();
        foreach (var refused in new[] { Raw.Udp(Client, Peer, [1, 2, 3]), Icmp(128, Peer with { Port = 0 }), Raw.Udp(Client, Peer with { Port = 53 }, [1, 2, 3]) })
        {
            Assert.AreEqual(PacketVerdict.Drop, (await service.Diverter.TakeAsync(refused)).Verdict);
            var (packet, _) = await service.Diverter.SentAsync();
            var expected = Raw.Ip(Peer with { Port = 0 }, Client with { Port = 0 }, IpProtocol.IcmpV6, [Unreachable, Prohibited, 0, 0, 0, 0, 0, 0, .. refused], 2, null);
            CollectionAssert.AreEqual(expected, Normalized(packet));
        }
    }

    /// <summary>A routing header: where it goes is not where it says, and it is not for us to find out.</summary>
    [TestMethod]
    public async Task WhatCanNotBeReadIsNotLetPass()
    {
        await using var service = await RunningService.StartAsync();
        var packet = Raw.Ip(Client, Peer, 43, [IpProtocol.Tcp, 0, 4, 0, 0, 0, 0, 0, .. Syn[40..]], -1, null);
        Assert.AreEqual(PacketVerdict.Drop, (await service.Diverter.TakeAsync(packet)).Verdict);
    }

    /// <summary>Neighbour solicitation and advertisement to a global address are unicast too, where a neighbour is looked after (RFC 4861, 7.3).</summary>
    [TestMethod]
    [DataRow(1, "[2001:db8:2::21]:0", DisplayName = "an error")]
    [DataRow(129, "[2001:db8:2::21]:0", DisplayName = "an answer to a ping")]
    [DataRow(135, "[2001:db8:2::21]:0", DisplayName = "neighbour solicitation")]
    [DataRow(136, "[2001:db8:2::21]:0", DisplayName = "neighbour advertisement")]
    [DataRow(143, "[ff02::16]:0", DisplayName = "multicast listener report")]
    [DataRow(128, "[fe80::1]:0", DisplayName = "a ping to the router")]
    [DataRow(128, "[ff02::1]:0", DisplayName = "a ping to all neighbours")]
    public async Task WhatTheLinkLivesByPasses(int type, string destination)
    {
        await using var service = await RunningService.StartAsync();
        Assert.AreEqual(PacketVerdict.Pass, (await service.Diverter.TakeAsync(Icmp((byte)type, Raw.At(destination)))).Verdict);
    }

    [TestMethod]
    public async Task WhatIsLocalPasses()
    {
        await using var service = await RunningService.StartAsync(change: options => options with { LocalAddresses = [IPNetwork.Parse("2001:db8:2::/64")] });
        foreach (var packet in new[] { Syn, Raw.Udp(Client, Peer, [1]), Icmp(128, Peer), Raw.Udp(Client, Raw.At("[ff02::1:2]:547"), [1]) })
            Assert.AreEqual(PacketVerdict.Pass, (await service.Diverter.TakeAsync(packet)).Verdict);
    }

    [TestMethod]
    public async Task WithDirectItGoesItsOwnWay()
    {
        await using var service = await RunningService.StartAsync(change: options => options with { WhenFirewallHasNoIPv6 = NoIPv6Treatment.Direct });
        await service.Diverter.TakeAsync(Syn);
        CollectionAssert.AreEqual(Syn, (await service.Diverter.SentAsync()).Packet);
        foreach (var packet in new[] { Raw.Udp(Client, Peer, [1]), Icmp(128, Peer with { Port = 0 }) })
        {
            Assert.AreEqual(PacketVerdict.Drop, (await service.Diverter.TakeAsync(packet)).Verdict);
            CollectionAssert.AreEqual(packet, (await service.Diverter.SentAsync()).Packet);
        }
    }

    [TestMethod]
    public async Task ABlockHoldsWithDirectToo()
    {
        await using var service = await RunningService.StartAsync(change: options => options with
        {
            WhenFirewallHasNoIPv6 = NoIPv6Treatment.Direct,
            Rules = [new RedirectionRule("no", RedirectionAction.Block, [], [], [], [], FwRedirect.ControlChannel.Settings.PortList.Empty, [], "file")],
        });
        await service.Diverter.TakeAsync(Syn);
        var (packet, _) = await service.Diverter.SentAsync();
        Assert.AreEqual((IpProtocol.IcmpV6, Unreachable, Prohibited), (new PacketView(packet).Protocol, packet[40], packet[41]));
    }

    [TestMethod]
    public async Task AQuestionToANameServerOfIPv6IsAskedOfTheFirewall()
    {
        await using var service = await RunningService.StartAsync();
        var server = Raw.At("[2001:db8:2::2]:53");
        Assert.AreEqual(PacketVerdict.Drop, (await service.Diverter.TakeAsync(Raw.Udp(Client, server, Queries.Make("www.contoso.com", 28)))).Verdict);
        var (channel, request) = await service.Firewall.NextAsync<GetHostByName>();
        channel.Send(new HostEntry("www.contoso.com", "www.contoso.com", [], [IPAddress.Parse("2001:db8:2::21")], TimeSpan.FromMinutes(1)) { Id = request.Id });
        var (packet, _) = await service.Diverter.SentAsync();
        var answer = new PacketView(packet);
        Assert.AreEqual((server, Client), (answer.Source, answer.Destination));
        // No error, and no answer: the address could not be reached.
        Assert.AreEqual((0, 0), (answer.PayloadBytes[3] & 15, answer.PayloadBytes[7]));
    }

    [TestMethod]
    public async Task ALocalNameGoesToItsServerOfIPv6()
    {
        await using var service = await RunningService.StartAsync();
        Assert.AreEqual(PacketVerdict.Pass, (await service.Diverter.TakeAsync(Raw.Udp(Client, Raw.At("[2001:db8:2::2]:53"), Queries.Make("www.corp.example", 28)))).Verdict);
    }

    private static byte[] Icmp(byte type, PacketEndpoint destination) =>
        Raw.Ip(Client with { Port = 0 }, destination, IpProtocol.IcmpV6, [type, 0, 0, 0, 0, 1, 0, 1], 2, null);

    /// <summary>With the hop limit and the window of <see cref="Raw"/>, whose checksums are computed apart; the window is in TCP's.</summary>
    private static byte[] Normalized(byte[] packet)
    {
        var copy = packet.ToArray();
        Assert.AreEqual(64, copy[7]);
        copy[7] = 61;
        if (copy[6] != IpProtocol.Tcp)
            return copy;
        Assert.AreEqual((0, 0), (copy[54], copy[55]));
        return Raw.Ip(new PacketView(copy).Source, new PacketView(copy).Destination, IpProtocol.Tcp, [.. copy[40..54], 0x20, 0, 0, 0, 0, 0], 16, null);
    }
}
