using FwRedirect.Redirector.Diversion;
using FwRedirect.Redirector.Engine;
using FwRedirect.Redirector.Packets;
using FwRedirect.Tests.Redirector.Packets;
using static FwRedirect.Tests.Redirector.Engine.EngineFixture;

namespace FwRedirect.Tests.Redirector.Engine;

/// <summary>A machine with two addresses: the program's socket has the VPN's (10.8.0.2), the way to the firewall leaves by the other (192.168.0.2).</summary>
[TestClass]
public sealed class SourceRewriteTests
{
    private static readonly PacketEndpoint Vpn = Raw.At("10.8.0.2:1515");
    private static readonly PacketEndpoint Vpn6 = Raw.At("[fd08::2]:1515");
    private static readonly PacketEndpoint Client6 = Raw.At("[fd00::2]:1515");
    private static readonly PacketEndpoint Inside6 = Raw.At("[fd00::1]:6789");
    private static readonly PacketEndpoint Peer6 = Raw.At("[2001:db8::21]:21");
    private readonly EngineFixture _fixture = new();

    [TestMethod]
    public void TheHeldSynLeavesByTheAddressThatTheFirewallWasTold()
    {
        var flow = _fixture.Connect(client: Vpn, seenAs: Client);
        CollectionAssert.AreEqual(Syn(client: Client, peer: Inside), _fixture.Take().Single().Packet);
        Assert.AreEqual((Vpn, Client), (flow.Client, flow.SeenAs));
    }

    [TestMethod]
    [DataRow(ChecksumState.Valid, false)]
    [DataRow(ChecksumState.IpHeader, false)]
    [DataRow(ChecksumState.Transport, false)]
    [DataRow(ChecksumState.None, false)]
    [DataRow(ChecksumState.Valid, true)]
    [DataRow(ChecksumState.None, true)]
    public void BothEndsAreRewrittenThereAndBack(ChecksumState state, bool isIPv6)
    {
        var (program, seenAs, inside, peer) = isIPv6 ? (Vpn6, Client6, Inside6, Peer6) : (Vpn, Client, Inside, Peer);
        _fixture.Establish(client: program, peer: peer, inside: inside, seenAs: seenAs);
        byte[] data = [1, 2, 3];
        Translated(Raw.Tcp(program, peer, TcpFlags.Ack, 1001, 5001, data), Raw.Tcp(seenAs, inside, TcpFlags.Ack, 1001, 5001, data), PacketDirection.Outbound, state);
        Translated(Raw.Tcp(inside, seenAs, TcpFlags.Ack, 5001, 1004, data), Raw.Tcp(peer, program, TcpFlags.Ack, 5001, 1004, data), PacketDirection.Inbound, state);
    }

    [TestMethod]
    public void DatagramsWithoutAChecksumStayWithoutOne()
    {
        Map(17);
        Translated(Raw.Udp(Inside, Client, [1], checksum: false), Raw.Udp(Peer, Vpn, [1], checksum: false), PacketDirection.Inbound, ChecksumState.Valid);
        Translated(Raw.Udp(Vpn, Peer, [2, 3]), Raw.Udp(Client, Inside, [2, 3]), PacketDirection.Outbound, ChecksumState.None);
    }

    [TestMethod]
    public void ADamagedPacketStaysDamaged()
    {
        _fixture.Establish(client: Vpn, seenAs: Client);
        var packet = Raw.Tcp(Vpn, Peer, TcpFlags.Ack, 1001, 5001, [1, 2, 3, 4]);
        var expected = Raw.Tcp(Client, Inside, TcpFlags.Ack, 1001, 5001, [1, 2, 3, 4]);
        packet[^1] ^= 0x10;
        expected[^1] ^= 0x10;
        Translated(packet, expected, PacketDirection.Outbound, ChecksumState.Valid);
    }

    /// <summary>The strong host model: Windows takes a packet only at the interface that has its address.</summary>
    [TestMethod]
    public void AnAnswerGoesInWhereTheProgramsAddressIs()
    {
        _fixture.Establish(client: Vpn, seenAs: Client);
        var address = new DivertAddress { Id = 1, Direction = PacketDirection.Inbound, InterfaceIndex = 12, SubInterfaceIndex = 1, Checksums = ChecksumState.Valid };
        Assert.IsTrue(_fixture.Engine.TryTranslate(Raw.Tcp(Inside, Client, TcpFlags.Ack, 5001, 1001), ref address, _fixture.Now, out _));
        Assert.AreEqual((7u, 3u), (address.InterfaceIndex, address.SubInterfaceIndex));

        var (plain, other) = (new EngineFixture(), address with { InterfaceIndex = 12, SubInterfaceIndex = 1 });
        plain.Establish();
        Assert.IsTrue(plain.Engine.TryTranslate(Raw.Tcp(Inside, Client, TcpFlags.Ack, 5001, 1001), ref other, plain.Now, out _));
        Assert.AreEqual((12u, 1u), (other.InterfaceIndex, other.SubInterfaceIndex));
    }

    [TestMethod]
    public void AMappingReachesTheProgramAtItsOwnAddress()
    {
        var flow = Map(6)!;
        Translated(Raw.Tcp(Inside, Client, TcpFlags.Syn, 9000), Raw.Tcp(Peer, Vpn, TcpFlags.Syn, 9000), PacketDirection.Inbound, ChecksumState.Valid);
        Translated(
            Raw.Tcp(Vpn, Peer, TcpFlags.Syn | TcpFlags.Ack, 400, 9001), Raw.Tcp(Client, Inside, TcpFlags.Syn | TcpFlags.Ack, 400, 9001),
            PacketDirection.Outbound, ChecksumState.None);
        Assert.AreEqual(1, flow.Outbound.Packets);
    }

    [TestMethod]
    public void BothEndsAreCutByTheNamesThatTheyKnow()
    {
        var flow = _fixture.Establish(client: Vpn, seenAs: Client);
        _fixture.Engine.Abort(flow, _fixture.Now, _fixture.Actions);
        var ends = _fixture.Take().Where(a => a.Kind == EngineActionKind.SendPacket).Select(a => Ends(a.Packet!)).ToArray();
        CollectionAssert.AreEqual(new[] { (Peer, Vpn), (Client, Inside) }, ends);
        Assert.AreEqual(PacketVerdict.Drop, _fixture.In(Raw.Tcp(Inside, Client, TcpFlags.Ack, 5001, 8888)));
        Assert.AreEqual((Client, Inside), Ends(_fixture.Take().Single().Packet!));
    }

    /// <summary>With the same inside port the answers to both could not be told apart.</summary>
    [TestMethod]
    public void TheSecondOfTwoProgramsThatLookTheSameIsRefusedAndTheFirstGoesOn()
    {
        var first = _fixture.Establish();
        var second = _fixture.Pend(client: Vpn);
        Assert.IsFalse(_fixture.Engine.Connected(second, Inside, Client, _fixture.Now, _fixture.Actions));
        var actions = _fixture.Take();
        Ended(actions, second, FlowEnd.SourceInUse);
        Assert.AreEqual(EngineActionKind.DropPacket, actions[0].Kind);
        Assert.AreEqual((Peer with { Port = 0 }, Vpn with { Port = 0 }), Ends(actions.Single(a => a.Kind == EngineActionKind.SendPacket).Packet!));
        Translated(Raw.Tcp(Inside, Client, TcpFlags.Ack, 5001, 1001), Raw.Tcp(Peer, Client, TcpFlags.Ack, 5001, 1001), PacketDirection.Inbound, ChecksumState.Valid);
        Assert.AreEqual(FlowState.Established, first.State);
    }

    [TestMethod]
    public void AnotherInsidePortKeepsTwoProgramsApart()
    {
        var other = Raw.At("192.168.0.1:6790");
        _fixture.Establish();
        _fixture.Establish(client: Vpn, inside: other, seenAs: Client);
        Translated(Raw.Tcp(Inside, Client, TcpFlags.Ack, 5001, 1001), Raw.Tcp(Peer, Client, TcpFlags.Ack, 5001, 1001), PacketDirection.Inbound, ChecksumState.Valid);
        Translated(Raw.Tcp(other, Client, TcpFlags.Ack, 5001, 1001), Raw.Tcp(Peer, Vpn, TcpFlags.Ack, 5001, 1001), PacketDirection.Inbound, ChecksumState.Valid);
    }

    [TestMethod]
    public void AnEndedFlowMakesRoomForAnotherProgram()
    {
        _fixture.Establish();
        _fixture.FromFirewall(TcpFlags.Rst, 5001, 0);
        var second = _fixture.Connect(client: Vpn, seenAs: Client);
        Assert.AreEqual(FlowState.Opening, second.State);
        Assert.AreEqual(2, _fixture.Engine.Entries);
    }

    [TestMethod]
    public void AMappingThatLooksLikeALivingFlowIsNotTaken()
    {
        _fixture.Establish();
        Assert.IsNull(Map(6));
        Assert.AreEqual(2, _fixture.Engine.Entries);
        Assert.IsEmpty(_fixture.Take());
    }

    [TestMethod]
    public void ASourceOfTheOtherFamilyIsNotTaken() =>
        Assert.IsFalse(_fixture.Engine.Connected(_fixture.Pend(), Inside, Client6, _fixture.Now, _fixture.Actions));

    [TestMethod]
    [DataRow(28)]
    [DataRow(48)]
    public void AnIcmpErrorIsTurnedBackAtBothEnds(int quoted)
    {
        _fixture.Establish(client: Vpn, seenAs: Client);
        var router = Raw.At("192.168.0.254:0");
        var error = Raw.Icmp(router, Client, 3, 4, Raw.Tcp(Client, Inside, TcpFlags.Ack, 1001, 5001, new byte[900]).AsSpan(0, quoted));
        var expected = Raw.Icmp(router, Vpn, 3, 4, Raw.Tcp(Vpn, Peer, TcpFlags.Ack, 1001, 5001, new byte[900]).AsSpan(0, quoted));
        var address = _fixture.Address(PacketDirection.Inbound) with { InterfaceIndex = 12 };
        Assert.AreEqual(PacketVerdict.Rewritten, _fixture.Engine.Decide(error, ref address, _fixture.Now, _fixture.Actions));
        CollectionAssert.AreEqual(expected, error);
        Assert.AreEqual(7u, address.InterfaceIndex);
    }

    private Flow? Map(byte protocol) => _fixture.Engine.AddMapping(protocol, Inside, Peer, Vpn, Client, null, _fixture.Now, _fixture.Actions);

    private void Translated(byte[] packet, byte[] expected, PacketDirection direction, ChecksumState state)
    {
        Raw.Spoil(packet, state);
        var address = _fixture.Address(direction) with { Checksums = state };
        Assert.IsTrue(_fixture.Engine.TryTranslate(packet, ref address, _fixture.Now, out var verdict));
        Rewritten(verdict);
        Assert.AreEqual(ChecksumState.Valid, address.Checksums);
        CollectionAssert.AreEqual(expected, packet);
    }

    private static (PacketEndpoint Source, PacketEndpoint Destination) Ends(byte[] packet)
    {
        var view = new PacketView(packet);
        return (view.Source, view.Destination);
    }
}
