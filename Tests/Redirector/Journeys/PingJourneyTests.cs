using System.Net;
using FwRedirect.ControlChannel.Messages;
using FwRedirect.ControlChannel.Server;
using FwRedirect.Redirector.Configuration;
using FwRedirect.Redirector.Diversion;
using FwRedirect.Redirector.Packets;
using FwRedirect.Redirector.Pings;
using FwRedirect.Tests.Redirector.Packets;
using FwRedirect.Tests.Redirector.Service;

namespace FwRedirect.Tests.Redirector.Journeys;

[TestClass]
public sealed class PingJourneyTests
{
    private static readonly PacketEndpoint Program = Raw.At("192.168.0.2:0");
    private static readonly PacketEndpoint Server = Raw.At("131.107.0.21:0");
    private static readonly byte[] Data = [.. Enumerable.Range(0, 56).Select(i => (byte)i)];

    [TestMethod]
    public async Task APingIsAskedOfTheFirewallAndItsReplyComesFromTheServer()
    {
        await using var service = await RunningService.StartAsync(pings: true);
        var (channel, request) = await PingAsync(service, sequence: 3);
        Assert.AreEqual(
            (IPAddress.Parse("131.107.0.21"), (byte)61, EchoFlags.None, (ushort)0x1A2B, (ushort)3),
            (request.Destination, request.TimeToLive, request.Flags, request.Identifier, request.Sequence));
        CollectionAssert.AreEqual(Data, request.Data.ToArray());

        channel.Send(new EchoReply(request.Destination, 57, request.Identifier, request.Sequence, request.Data) { Id = request.Id });
        var (packet, address) = await service.Diverter.SentAsync();
        Assert.AreEqual((PacketDirection.Inbound, 7u, ChecksumState.Valid, 0UL), (address.Direction, address.InterfaceIndex, address.Checksums, address.Id));
        Assert.AreEqual(57, packet[8]);
        var expected = Echo(Server, Program, 0, 3);
        CollectionAssert.AreEqual(expected.AsSpan(20).ToArray(), packet.AsSpan(20).ToArray());
        Assert.AreEqual((Server, Program), (new PacketView(packet).Source, new PacketView(packet).Destination));
    }

    [TestMethod]
    public async Task AnErrorQuotesTheProgramsOwnPacket()
    {
        await using var service = await RunningService.StartAsync(pings: true);
        var (channel, request) = await PingAsync(service, sequence: 4);
        channel.Send(new EchoError(IPAddress.Parse("131.107.0.1"), 3, 4, 1300, request.Destination, request.Identifier, request.Sequence, "") { Id = request.Id });
        var (packet, _) = await service.Diverter.SentAsync();
        var expected = Raw.Icmp(Raw.At("131.107.0.1:0"), Program, 3, 4, Echo(Program, Server, 8, 4));
        (expected[26], expected[27]) = (1300 >> 8, 1300 & 0xFF);
        (expected[22], expected[23]) = (0, 0);
        var checksum = Raw.Checksum(expected.AsSpan(20));
        (expected[22], expected[23]) = ((byte)(checksum >> 8), (byte)checksum);
        CollectionAssert.AreEqual(expected.AsSpan(20).ToArray(), packet.AsSpan(20).ToArray());
        Assert.AreEqual(Raw.At("131.107.0.1:0"), new PacketView(packet).Source);
    }

    [TestMethod]
    public async Task OneRunHasOneIdAndAnotherIdentifierAnother()
    {
        await using var service = await RunningService.StartAsync(pings: true);
        var (_, first) = await PingAsync(service, sequence: 1);
        var (_, second) = await PingAsync(service, sequence: 2);
        var (_, other) = await PingAsync(service, sequence: 1, identifier: 7);
        Assert.AreEqual(first.Id, second.Id);
        Assert.AreNotEqual(first.Id, other.Id);
    }

    [TestMethod]
    public async Task WhatNobodyAskedForIsNotBelieved()
    {
        await using var service = await RunningService.StartAsync(pings: true);
        var (channel, request) = await PingAsync(service, sequence: 1);
        channel.Send(new EchoReply(request.Destination, 57, request.Identifier, 2, Data) { Id = request.Id });
        channel.Send(new EchoReply(IPAddress.Parse("131.107.0.22"), 57, request.Identifier, 1, Data) { Id = request.Id });
        channel.Send(new EchoReply(request.Destination, 57, request.Identifier, 1, Data) { Id = new ObjectId(0x990000) });
        channel.Send(new EchoReply(request.Destination, 99, request.Identifier, 1, Data) { Id = request.Id });
        Assert.AreEqual(99, (await service.Diverter.SentAsync()).Packet[8]);
    }

    [TestMethod]
    public async Task LocalDestinationsAndOtherIcmpPass()
    {
        await using var service = await RunningService.StartAsync(pings: true);
        Assert.AreEqual(PacketVerdict.Pass, (await service.Diverter.TakeAsync(Echo(Program, Raw.At("127.0.0.9:0"), 8, 1))).Verdict);
        Assert.AreEqual(PacketVerdict.Pass, (await service.Diverter.TakeAsync(Echo(Program, Server, 0, 1))).Verdict);
        Assert.AreEqual(PacketVerdict.Pass, (await service.Diverter.TakeAsync(Echo(Server, Program, 8, 1), PacketDirection.Inbound)).Verdict);
    }

    [TestMethod]
    public async Task AFirewallThatDoesNotPingLeavesNoWay()
    {
        await using var service = await RunningService.StartAsync();
        Assert.AreEqual(PacketVerdict.Drop, (await service.Diverter.TakeAsync(Echo(Program, Server, 8, 1))).Verdict);
        Assert.AreEqual((3, 0), Error((await service.Diverter.SentAsync()).Packet));
    }

    [TestMethod]
    [DataRow(UnreachableTreatment.Block)]
    [DataRow(UnreachableTreatment.Direct)]
    public async Task WithoutAFirewallItGoesAsConfigured(object treatment)
    {
        await using var service = await RunningService.StartAsync((UnreachableTreatment)treatment, pings: true);
        await service.Firewall.DisposeAsync();
        var ping = Echo(Program, Server, 8, 1);
        await service.Diverter.TakeAsync(ping);
        var (packet, address) = await service.Diverter.SentAsync();
        if ((UnreachableTreatment)treatment == UnreachableTreatment.Block)
        {
            Assert.AreEqual((3, 0), Error(packet));
        }
        else
        {
            Assert.AreEqual(PacketDirection.Outbound, address.Direction);
            CollectionAssert.AreEqual(ping, packet);
        }
    }

    /// <summary>The table's own bounds and times.</summary>
    [TestMethod]
    public void SentEchoesAreForgotten()
    {
        var echo = new SentEcho(Echo(Program, Server, 8, 0x0102), new DivertAddress { InterfaceIndex = 9 }, sentAt: 5);
        Assert.AreEqual((Server, (ushort)0x1A2B, (ushort)0x0102, (byte)61, false), (echo.Destination, echo.Identifier, echo.Sequence, echo.TimeToLive, echo.DontFragment));
        Assert.HasCount(56, echo.Data.ToArray());
        echo.Trim();
        Assert.HasCount(84, echo.Packet);
        Assert.HasCount(PingLimits.Quote, new SentEcho(Raw.Icmp(Program, Server, 8, 0, new byte[5000]), default, 0).Packet);
    }

    private static async Task<(IServerChannel Channel, EchoRequest Request)> PingAsync(RunningService service, ushort sequence, ushort identifier = 0x1A2B)
    {
        Assert.AreEqual(PacketVerdict.Drop, (await service.Diverter.TakeAsync(Echo(Program, Server, 8, sequence, identifier))).Verdict);
        return await service.Firewall.NextAsync<EchoRequest>();
    }

    private static byte[] Echo(PacketEndpoint source, PacketEndpoint destination, byte type, ushort sequence, ushort identifier = 0x1A2B)
    {
        byte[] message = [type, 0, 0, 0, (byte)(identifier >> 8), (byte)identifier, (byte)(sequence >> 8), (byte)sequence, .. Data];
        var checksum = Raw.Checksum(message);
        (message[2], message[3]) = ((byte)(checksum >> 8), (byte)checksum);
        return Raw.Ip(source, destination, 1, message, -1, null);
    }

    private static (int Type, int Code) Error(byte[] packet) => (new PacketView(packet).Transport[0], new PacketView(packet).Transport[1]);
}
