using FwRedirect.Redirector.Diversion;
using FwRedirect.Redirector.Engine;
using FwRedirect.Redirector.Packets;
using FwRedirect.Tests.Redirector.Packets;
using static FwRedirect.Tests.Redirector.Engine.EngineFixture;

namespace FwRedirect.Tests.Redirector.Engine;

[TestClass]
public sealed class MappingTests
{
    private readonly EngineFixture _fixture = new();

    [TestMethod]
    public void ProgramSeesTheRealPeer()
    {
        var owner = new object();
        var flow = Map(6, owner);
        Assert.AreSame(owner, flow.Owner);
        Assert.AreEqual(FlowState.Announced, flow.State);
        var syn = Raw.Tcp(Inside, Client, TcpFlags.Syn, 9000);
        Rewritten(_fixture.In(syn));
        CollectionAssert.AreEqual(Raw.Tcp(Peer, Client, TcpFlags.Syn, 9000), syn);
        Assert.AreEqual(FlowState.Opening, flow.State);
        var answer = Raw.Tcp(Client, Peer, TcpFlags.Syn | TcpFlags.Ack, 400, 9001);
        Rewritten(_fixture.Out(answer));
        CollectionAssert.AreEqual(Raw.Tcp(Client, Inside, TcpFlags.Syn | TcpFlags.Ack, 400, 9001), answer);
        _fixture.FromFirewall(TcpFlags.Ack, 9001, 401);
        Assert.AreEqual(FlowState.Established, flow.State);
    }

    [TestMethod]
    public void UnusedMappingExpires()
    {
        var flow = Map(6);
        Assert.IsEmpty(_fixture.Tick(FlowLimits.Announced - 1));
        Ended(_fixture.Tick(1), flow, FlowEnd.Unused);
        Assert.AreEqual(0, _fixture.Engine.Entries);
    }

    [TestMethod]
    public void UnusedMappingIsAbortedWithoutAPacket()
    {
        var flow = Map(6);
        _fixture.Engine.Abort(flow, _fixture.Now, _fixture.Actions);
        var actions = _fixture.Take();
        Assert.HasCount(1, actions);
        Ended(actions, flow, FlowEnd.Aborted);
        Assert.AreEqual(0, _fixture.Engine.Entries);
    }

    [TestMethod]
    public void DatagramsAreTranslatedAndExpire()
    {
        var flow = Map(17);
        var forth = Raw.Udp(Inside, Client, [1, 2, 3]);
        Rewritten(_fixture.In(forth));
        CollectionAssert.AreEqual(Raw.Udp(Peer, Client, [1, 2, 3]), forth);
        var back = Raw.Udp(Client, Peer, [4, 5], checksum: false);
        Rewritten(_fixture.Out(back));
        CollectionAssert.AreEqual(Raw.Udp(Client, Inside, [4, 5], checksum: false), back);
        Assert.AreEqual(FlowState.Established, flow.State);
        Ended(_fixture.Tick(FlowLimits.DatagramIdle), flow, FlowEnd.Idle);
    }

    [TestMethod]
    public void MappingTakesTheKeysOfALingeringFlow()
    {
        var old = _fixture.Establish();
        _fixture.FromFirewall(TcpFlags.Rst, 5001, 0);
        _fixture.Tick(1);
        var flow = Map(6);
        Assert.AreEqual(FlowState.Forgotten, old.State);
        _fixture.FromFirewall(TcpFlags.Syn, 1, 0);
        Assert.AreEqual(1, flow.Inbound.Packets);
        Assert.AreEqual(2, _fixture.Engine.Entries);
    }

    [TestMethod]
    [DataRow(true)]
    [DataRow(false)]
    public void FragmentationNeededIsTurnedBack(bool fromFirewall)
    {
        var flow = _fixture.Establish();
        var router = fromFirewall ? Inside : Raw.At("192.168.0.254:0");
        var sent = Raw.Tcp(Client, Inside, TcpFlags.Ack, 1001, 5001, new byte[900]);
        var error = Raw.Icmp(router, Client, 3, 4, sent.AsSpan(0, 48));
        Rewritten(_fixture.In(error));
        var original = Raw.Tcp(Client, Peer, TcpFlags.Ack, 1001, 5001, new byte[900]);
        CollectionAssert.AreEqual(Raw.Icmp(fromFirewall ? Peer : router, Client, 3, 4, original.AsSpan(0, 48)), error);
        Assert.AreEqual(1, flow.Inbound.Packets);
    }

    [TestMethod]
    public void IcmpOfOthersPasses()
    {
        _fixture.Establish();
        var error = Raw.Icmp(Inside, Client, 3, 1, Raw.Tcp(Client, Raw.At("192.168.0.1:1745"), TcpFlags.Ack).AsSpan(0, 28));
        var before = error.ToArray();
        Assert.AreEqual(PacketVerdict.Pass, _fixture.In(error));
        Assert.AreEqual(PacketVerdict.Pass, _fixture.In(Raw.Icmp(Inside, Client, 3, 1, [0x45, 0, 0])));
        Assert.AreEqual(PacketVerdict.Pass, _fixture.In(Raw.Icmp(Inside, Client, 0, 0, [1, 2, 3])));
        CollectionAssert.AreEqual(before, error);
    }

    private Flow Map(byte protocol, object? owner = null) =>
        _fixture.Engine.AddMapping(protocol, Inside, Peer, Client, Client, owner, _fixture.Now, _fixture.Actions)!;
}
