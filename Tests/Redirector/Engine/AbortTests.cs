using FwRedirect.Redirector.Diversion;
using FwRedirect.Redirector.Engine;
using FwRedirect.Redirector.Packets;
using FwRedirect.Tests.Redirector.Packets;
using static FwRedirect.Tests.Redirector.Engine.EngineFixture;

namespace FwRedirect.Tests.Redirector.Engine;

[TestClass]
public sealed class AbortTests
{
    private readonly EngineFixture _fixture = new();

    [TestMethod]
    public void EstablishedFlowIsResetAtBothEnds()
    {
        var flow = _fixture.Establish();
        _fixture.FromProgram(TcpFlags.Ack, 1001, 5001, [1, 2, 3]);
        var actions = Abort(flow);
        CollectionAssert.AreEqual(
            new[] { "In 131.107.0.21:21>192.168.0.2:1515 Rst 5001/0", "Out 192.168.0.2:1515>192.168.0.1:6789 Rst 1001/0", "Out 192.168.0.2:1515>192.168.0.1:6789 Rst 1004/0" },
            Packets(actions));
        Ended(actions, flow, FlowEnd.Aborted);
        Assert.AreEqual(FlowState.Aborted, flow.State);
    }

    [TestMethod]
    public void WhatStillComesGetsAnExactReset()
    {
        Abort(_fixture.Establish());
        Assert.AreEqual(PacketVerdict.Drop, _fixture.Out(Raw.Tcp(Client, Peer, TcpFlags.Ack, 1001, 7777)));
        Assert.AreEqual(PacketVerdict.Drop, _fixture.In(Raw.Tcp(Inside, Client, TcpFlags.Ack, 5001, 8888)));
        CollectionAssert.AreEqual(
            new[] { "In 131.107.0.21:21>192.168.0.2:1515 Rst 7777/0", "Out 192.168.0.2:1515>192.168.0.1:6789 Rst 8888/0" },
            Packets(_fixture.Take()));
        Assert.AreEqual(PacketVerdict.Drop, _fixture.Out(Raw.Tcp(Client, Peer, TcpFlags.Rst, 1001)));
        Assert.IsEmpty(_fixture.Take());
        Assert.IsEmpty(_fixture.Tick(FlowLimits.AbortLinger));
        Assert.AreEqual(0, _fixture.Engine.Entries);
    }

    [TestMethod]
    public void ProgramMayConnectAgainAtOnce()
    {
        Abort(_fixture.Establish());
        var flow = _fixture.Connect(seq: 31337);
        Assert.AreEqual(FlowState.Opening, flow.State);
    }

    [TestMethod]
    public void HandshakeIsResetAndProbed()
    {
        var packets = Packets(Abort(_fixture.Connect()).Where(a => a.Address.Id == 0));
        CollectionAssert.AreEqual(
            new[]
            {
                "In 131.107.0.21:21>192.168.0.2:1515 Rst, Ack 0/1001", "In 131.107.0.21:21>192.168.0.2:1515 Ack 0/1001",
                "Out 192.168.0.2:1515>192.168.0.1:6789 Rst 1001/0", "Out 192.168.0.2:1515>192.168.0.1:6789 Ack 0/0",
            },
            packets);
    }

    [TestMethod]
    public void FlowThatWasCarriedElsewhereIsProbedAtBothEnds()
    {
        var flow = _fixture.Establish();
        flow.CarriedElsewhere = true;
        Assert.HasCount(2, Packets(Abort(flow)).Where(p => p.Contains(" Ack ", StringComparison.Ordinal)));
    }

    [TestMethod]
    public void PendingFlowIsRefusedWithReset()
    {
        var flow = _fixture.Pend();
        var actions = Abort(flow);
        Assert.AreEqual(EngineActionKind.DropPacket, actions[0].Kind);
        CollectionAssert.AreEqual(new[] { "In 131.107.0.21:21>192.168.0.2:1515 Rst, Ack 0/1001" }, Packets(actions));
        Ended(actions, flow, FlowEnd.Aborted);
        Assert.AreEqual(0, _fixture.Engine.Pending);
    }

    [TestMethod]
    public void FlowThatIsOverIsNotCut()
    {
        var flow = _fixture.Establish();
        _fixture.FromFirewall(TcpFlags.Rst, 5001, 0);
        Ended(_fixture.Tick(1), flow, FlowEnd.ResetByPeer);
        Assert.IsEmpty(Abort(flow));
    }

    private EngineAction[] Abort(Flow flow)
    {
        _fixture.Take();
        _fixture.Engine.Abort(flow, _fixture.Now, _fixture.Actions);
        return _fixture.Take();
    }

    private static string[] Packets(IEnumerable<EngineAction> actions) =>
        [.. actions.Where(a => a.Kind == EngineActionKind.SendPacket).Select(Describe)];

    private static string Describe(EngineAction action)
    {
        var view = new PacketView(action.Packet);
        Assert.AreEqual((7u, 3u), (action.Address.InterfaceIndex, action.Address.SubInterfaceIndex));
        return $"{(action.Address.Direction == PacketDirection.Inbound ? "In" : "Out")} {view.Source}>{view.Destination} {view.Flags} {view.Sequence}/{view.Acknowledgement}";
    }
}
