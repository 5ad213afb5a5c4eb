using FwRedirect.Redirector.Diversion;
using FwRedirect.Redirector.Engine;
using FwRedirect.Redirector.Packets;
using FwRedirect.Tests.Redirector.Packets;
using PacketDotNet;
using static FwRedirect.Tests.Redirector.Engine.EngineFixture;

namespace FwRedirect.Tests.Redirector.Engine;

[TestClass]
public sealed class RefusalTests
{
    private readonly EngineFixture _fixture = new();

    [TestMethod]
    public void ResetAnswersTheSynFromItsDestination()
    {
        var (flow, actions) = Refuse(FlowRefusal.Reset);
        Assert.AreEqual(EngineActionKind.DropPacket, actions[0].Kind);
        Assert.AreEqual(_fixture.LastId, actions[0].Address.Id);
        var (packet, address) = (actions[1].Packet!, actions[1].Address);
        var view = new PacketView(packet);
        Assert.AreEqual(Peer, view.Source);
        Assert.AreEqual(Client, view.Destination);
        Assert.AreEqual(TcpFlags.Rst | TcpFlags.Ack, view.Flags);
        Assert.AreEqual(0u, view.Sequence);
        Assert.AreEqual(1001u, view.Acknowledgement);
        Assert.AreEqual(0ul, address.Id);
        Assert.AreEqual(7u, address.InterfaceIndex);
        Assert.AreEqual(3u, address.SubInterfaceIndex);
        Assert.AreEqual(PacketDirection.Inbound, address.Direction);
        var parsed = new IPv4Packet(new PacketDotNet.Utils.ByteArraySegment(packet));
        Assert.IsTrue(parsed.ValidChecksum && parsed.Extract<TcpPacket>().ValidChecksum);
        Ended(actions, flow, FlowEnd.Refused);
    }

    [TestMethod]
    [DataRow(FlowRefusal.NetworkUnreachable, 0)]
    [DataRow(FlowRefusal.HostUnreachable, 1)]
    [DataRow(FlowRefusal.PortUnreachable, 3)]
    [DataRow(FlowRefusal.AdministrativelyProhibited, 13)]
    public void IcmpQuotesTheSyn(object refusal, int code)
    {
        var (_, actions) = Refuse((FlowRefusal)refusal);
        CollectionAssert.AreEqual(Icmp(code), actions[1].Packet![20..]);
        var view = new PacketView(actions[1].Packet);
        Assert.AreEqual(Peer.Address, view.Source.Address);
        Assert.AreEqual(Client.Address, view.Destination.Address);
        var address = actions[1].Address;
        Assert.AreEqual((0ul, 7u, 3u, PacketDirection.Inbound), (address.Id, address.InterfaceIndex, address.SubInterfaceIndex, address.Direction));

        static byte[] Icmp(int code) => Raw.Icmp(Peer, Client, 3, (byte)code, Syn())[20..];
    }

    [TestMethod]
    public void SilenceSaysNothing()
    {
        var (flow, actions) = Refuse(FlowRefusal.Silent);
        Assert.IsFalse(actions.Any(a => a.Kind == EngineActionKind.SendPacket));
        Assert.AreEqual(PacketVerdict.Drop, _fixture.Out(Syn()));
        Assert.IsEmpty(_fixture.Take());
        Ended(actions, flow, FlowEnd.Refused);
    }

    [TestMethod]
    public void RepeatedSynGetsTheSameAnswerAndIsNotCountedAgain()
    {
        var (flow, first) = Refuse(FlowRefusal.Reset);
        for (var i = 0; i < 3; i++)
        {
            _fixture.Now += 500;
            Assert.AreEqual(PacketVerdict.Drop, _fixture.Out(Syn()));
            CollectionAssert.AreEqual(first[1].Packet, _fixture.Take().Single().Packet);
        }
        Assert.AreEqual(3, flow.SynRepeats);
        Assert.IsEmpty(_fixture.Tick(FlowLimits.RefusalCache - 1));
        Assert.AreEqual(1, _fixture.Engine.Entries);
        Assert.IsEmpty(_fixture.Tick(1));
        Assert.AreEqual(0, _fixture.Engine.Entries);
        _fixture.Pend();
    }

    [TestMethod]
    public void AnotherSequenceNumberIsAnotherAttempt()
    {
        Refuse(FlowRefusal.Reset);
        var second = _fixture.Pend(seq: 77);
        Assert.AreEqual(FlowState.Pending, second.State);
        Assert.AreEqual(1, _fixture.Engine.Entries);
    }

    [TestMethod]
    public void SegmentThatIsNoSynGetsNothing()
    {
        Refuse(FlowRefusal.Reset);
        Assert.AreEqual(PacketVerdict.Drop, _fixture.Out(Raw.Tcp(Client, Peer, TcpFlags.Ack, 1001, 5)));
        Assert.IsEmpty(_fixture.Take());
    }

    [TestMethod]
    public void FloodOfSynsIsBounded()
    {
        for (var i = 0; i < FlowLimits.MostPending; i++)
            _fixture.Pend(client: new PacketEndpoint(Client.Address, (ushort)(1 + i)));
        Assert.AreEqual(PacketVerdict.Drop, _fixture.Out(Syn(client: new PacketEndpoint(Client.Address, 60_000))));
        Assert.AreEqual(1, _fixture.Engine.Overflows);
        var actions = _fixture.Tick(FlowLimits.Pending);
        Assert.AreEqual(FlowLimits.MostPending, actions.Count(a => a.Kind == EngineActionKind.DropPacket));
        Assert.AreEqual(0, _fixture.Engine.Pending);
        Assert.AreEqual(0, _fixture.Engine.Entries);
    }

    private (Flow Flow, EngineAction[] Actions) Refuse(FlowRefusal refusal)
    {
        var flow = _fixture.Pend();
        _fixture.Engine.Refused(flow, refusal, _fixture.Now, _fixture.Actions);
        Assert.AreEqual(FlowState.Refused, flow.State);
        return (flow, _fixture.Take());
    }
}
