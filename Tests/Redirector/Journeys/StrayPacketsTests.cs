using FwRedirect.Redirector.Diversion;
using FwRedirect.Redirector.Journeys;
using FwRedirect.Redirector.Packets;
using FwRedirect.Tests.Redirector.Packets;
using FwRedirect.Tests.Redirector.Service;

namespace FwRedirect.Tests.Redirector.Journeys;

[TestClass]
public sealed class StrayPacketsTests
{
    private static readonly PacketEndpoint Client = Raw.At("192.168.0.2:40000");
    private static readonly PacketEndpoint Server = Raw.At("131.107.0.2:53");

    private readonly FakeDiverter _diverter = new(_ => { });

    [TestMethod]
    [DataRow(true, DisplayName = "UDP")]
    [DataRow(false, DisplayName = "TCP")]
    public async Task WhatWouldLeaveByLoopbackIsAnsweredWithNetworkUnreachable(bool udp)
    {
        var packet = udp ? Raw.Udp(Client, Server, [1, 2, 3]) : Raw.Tcp(Client, Server, TcpFlags.Syn);
        Assert.IsTrue(new StrayPackets(_diverter).TryRefuse(packet, Outbound(loopback: true)));
        var (answer, address) = await _diverter.SentAsync();
        Assert.AreEqual((0ul, PacketDirection.Inbound), (address.Id, address.Direction));
        var view = new PacketView(answer);
        Assert.AreEqual((IpProtocol.Icmp, (byte)3, (byte)(udp ? 9 : 0)), (view.Protocol, answer[20], answer[21]));
        Assert.AreEqual((Server with { Port = 0 }, Client with { Port = 0 }), (view.Source with { Port = 0 }, view.Destination with { Port = 0 }));
        CollectionAssert.AreEqual(packet, answer[28..]);
    }

    [TestMethod]
    public void WhatHasAWayPasses() => Assert.IsFalse(new StrayPackets(_diverter).TryRefuse(Raw.Udp(Client, Server, [1]), Outbound(loopback: false)));

    /// <summary>An error for an RST would be an error for an error's sake, and one in the middle of a connection ends nothing.</summary>
    [TestMethod]
    [DataRow((byte)TcpFlags.Rst)]
    [DataRow((byte)TcpFlags.Ack)]
    [DataRow((byte)(TcpFlags.Syn | TcpFlags.Ack))]
    public void OnlyTheBeginOfAConnectionIsAnswered(byte flags) =>
        Assert.IsFalse(new StrayPackets(_diverter).TryRefuse(Raw.Tcp(Client, Server, (TcpFlags)flags), Outbound(loopback: true)));

    private static DivertAddress Outbound(bool loopback) => new() { Id = 1, Direction = PacketDirection.Outbound, InterfaceIndex = 1, Loopback = loopback };
}
