using FwRedirect.Redirector.Diversion;
using FwRedirect.Redirector.Engine;
using FwRedirect.Redirector.Packets;
using FwRedirect.Tests.Redirector.Packets;
using static FwRedirect.Tests.Redirector.Engine.EngineFixture;

namespace FwRedirect.Tests.Redirector.Engine;

[TestClass]
public sealed class LifecycleTests
{
    private readonly EngineFixture _fixture = new();

    [TestMethod]
    public void ClosedWhenBothFinsAreAcknowledged()
    {
        var flow = _fixture.Establish();
        _fixture.FromProgram(TcpFlags.Fin | TcpFlags.Ack, 1001, 5001);
        Assert.AreEqual(FlowState.HalfClosed, flow.State);
        _fixture.FromFirewall(TcpFlags.Ack, 5001, 1002);
        _fixture.FromFirewall(TcpFlags.Fin | TcpFlags.Ack, 5001, 1002);
        Assert.AreEqual(FlowState.Closing, flow.State);
        Assert.IsEmpty(_fixture.Tick(1));
        _fixture.FromProgram(TcpFlags.Ack, 1002, 5002);
        Assert.AreEqual(FlowState.Over, flow.State);
        Ended(_fixture.Tick(1), flow, FlowEnd.Closed);
        // The last ACK was lost: the FIN comes again and has to be translated, and nothing is reported twice.
        _fixture.FromFirewall(TcpFlags.Fin | TcpFlags.Ack, 5001, 1002);
        _fixture.FromProgram(TcpFlags.Ack, 1002, 5002);
        Assert.IsEmpty(_fixture.Tick(FlowLimits.Linger - 1));
        Assert.AreEqual(2, _fixture.Engine.Entries);
        Assert.IsEmpty(_fixture.Tick(1));
        Assert.AreEqual(0, _fixture.Engine.Entries);
        Assert.IsEmpty(_fixture.Engine.Flows);
    }

    [TestMethod]
    public void SimultaneousCloseIsOver()
    {
        var flow = _fixture.Establish();
        _fixture.FromProgram(TcpFlags.Fin | TcpFlags.Ack, 1001, 5001);
        _fixture.FromFirewall(TcpFlags.Fin | TcpFlags.Ack, 5001, 1001);
        _fixture.FromProgram(TcpFlags.Ack, 1002, 5002);
        Assert.AreEqual(FlowEnd.None, flow.End);
        _fixture.FromFirewall(TcpFlags.Ack, 5002, 1002);
        Ended(_fixture.Tick(1), flow, FlowEnd.Closed);
    }

    [TestMethod]
    public void HalfCloseLastsAsLongAsDataFlows()
    {
        var flow = _fixture.Establish();
        _fixture.FromProgram(TcpFlags.Fin | TcpFlags.Ack, 1001, 5001);
        for (var i = 0u; i < 10; i++)
        {
            Assert.IsEmpty(_fixture.Tick(FlowLimits.EstablishedIdle - 1));
            _fixture.FromFirewall(TcpFlags.Ack, 5001 + (i * 3), 1002, [1, 2, 3]);
        }
        Assert.AreEqual(FlowState.HalfClosed, flow.State);
        Ended(_fixture.Tick(FlowLimits.EstablishedIdle), flow, FlowEnd.Idle);
    }

    [TestMethod]
    [DataRow("Opening")]
    [DataRow("Established")]
    [DataRow("HalfClosed")]
    [DataRow("Closing")]
    public void ResetEndsItInEachState(string state)
    {
        foreach (var direction in new[] { PacketDirection.Outbound, PacketDirection.Inbound })
        {
            var fixture = new EngineFixture();
            var flow = state == "Opening" ? fixture.Connect() : fixture.Establish();
            if (state is "HalfClosed" or "Closing")
                fixture.FromProgram(TcpFlags.Fin | TcpFlags.Ack, 1001, 5001);
            if (state == "Closing")
                fixture.FromFirewall(TcpFlags.Fin | TcpFlags.Ack, 5001, 1001);
            Assert.AreEqual(state, flow.State.ToString());
            fixture.Take();
            if (direction == PacketDirection.Outbound)
                fixture.FromProgram(TcpFlags.Rst, 1001, 0);
            else
                fixture.FromFirewall(TcpFlags.Rst | TcpFlags.Ack, state == "Opening" ? 0u : 5001u, 1001);
            Ended(fixture.Tick(1), flow, direction == PacketDirection.Outbound ? FlowEnd.ResetByProgram : FlowEnd.ResetByPeer);
            Assert.IsEmpty(fixture.Tick(FlowLimits.Linger));
            Assert.AreEqual(0, fixture.Engine.Entries);
        }
    }

    [TestMethod]
    public void EndIsReportedByTheNextDecisionToo()
    {
        var flow = _fixture.Establish();
        _fixture.FromFirewall(TcpFlags.Rst, 5001, 0);
        _fixture.Out(Syn(client: Raw.At("192.168.0.2:9")));
        Ended(_fixture.Take(), flow, FlowEnd.ResetByPeer);
    }

    [TestMethod]
    public void PortUsedAgainWhileLingeringIsANewFlow()
    {
        var old = _fixture.Establish();
        _fixture.FromFirewall(TcpFlags.Rst, 5001, 0);
        var flow = _fixture.Connect(seq: 1000);
        Assert.AreNotSame(old, flow);
        Assert.AreEqual(FlowState.Forgotten, old.State);
        Assert.AreEqual(2, _fixture.Engine.Entries);
        _fixture.FromFirewall(TcpFlags.Syn | TcpFlags.Ack, 9000, 1001);
        Assert.AreEqual(FlowEnd.None, flow.End);
    }

    [TestMethod]
    public void PortUsedAgainWithoutASeenEndReplacesTheFlow()
    {
        var old = _fixture.Establish();
        Assert.AreEqual(PacketVerdict.Hold, _fixture.Out(Syn(seq: 424242)));
        var actions = _fixture.Take();
        Ended(actions, old, FlowEnd.Replaced);
        Assert.AreEqual(1, actions.Count(a => a.Kind == EngineActionKind.RequestConnect));
    }

    [TestMethod]
    public void InsideEndpointGivenAgainReplacesTheOldFlow()
    {
        var old = _fixture.Establish();
        var flow = _fixture.Connect(peer: Raw.At("131.107.0.99:80"));
        Ended(_fixture.Take(), old, FlowEnd.Replaced);
        var answer = Raw.Tcp(Inside, Client, TcpFlags.Syn | TcpFlags.Ack, 1, 1001);
        Rewritten(_fixture.In(answer));
        Assert.AreEqual(flow.Peer, new PacketView(answer).Source);
        Assert.AreEqual(2, _fixture.Engine.Entries);
    }

    [TestMethod]
    public void IdleFlowsExpireByTheirState()
    {
        var opening = _fixture.Connect();
        Assert.IsFalse(_fixture.Tick(FlowLimits.TransitoryIdle - 1).Any(a => a.Kind == EngineActionKind.FlowEnded));
        Ended(_fixture.Tick(1), opening, FlowEnd.Idle);
        var established = _fixture.Establish();
        Assert.IsEmpty(_fixture.Tick(FlowLimits.EstablishedIdle - 1));
        Ended(_fixture.Tick(1), established, FlowEnd.Idle);
        Assert.AreEqual(0, _fixture.Engine.Entries);
    }

    [TestMethod]
    public void FlowCarriedElsewhereEndsOnlyByItsEvent()
    {
        var flow = _fixture.Connect();
        flow.CarriedElsewhere = true;
        _fixture.Take();
        Assert.IsEmpty(_fixture.Tick(10 * FlowLimits.EstablishedIdle));
        _fixture.Engine.EndedOutside(flow, _fixture.Actions);
        Ended(_fixture.Take(), flow, FlowEnd.Outside);
        _fixture.Engine.EndedOutside(flow, _fixture.Actions);
        Assert.IsEmpty(_fixture.Tick(FlowLimits.Linger));
        Assert.AreEqual(0, _fixture.Engine.Entries);
    }

    [TestMethod]
    public void SocketClosedWhilePendingDropsTheSyn()
    {
        var flow = _fixture.Pend();
        _fixture.Engine.EndedOutside(flow, _fixture.Actions);
        var actions = _fixture.Take();
        Assert.AreEqual(_fixture.LastId, actions.Single(a => a.Kind == EngineActionKind.DropPacket).Address.Id);
        Ended(actions, flow, FlowEnd.Outside);
        Assert.AreEqual(0, _fixture.Engine.Entries);
        Assert.AreEqual(0, _fixture.Engine.Pending);
    }

    [TestMethod]
    public void KeepAliveDoesNotMoveTheNextSequenceBack()
    {
        var flow = _fixture.Establish();
        _fixture.FromProgram(TcpFlags.Ack, 1001, 5001, [1, 2, 3]);
        _fixture.FromProgram(TcpFlags.Ack, 1003, 5001);
        Assert.AreEqual(1004u, flow.Outbound.NextSequence);
    }

    [TestMethod]
    public void SequenceNumbersMayWrap()
    {
        var flow = _fixture.Establish(seq: uint.MaxValue - 1);
        _fixture.FromProgram(TcpFlags.Ack, uint.MaxValue, 5001, [1, 2, 3]);
        Assert.AreEqual(2u, flow.Outbound.NextSequence);
        _fixture.FromProgram(TcpFlags.Fin | TcpFlags.Ack, 2, 5001);
        _fixture.FromFirewall(TcpFlags.Fin | TcpFlags.Ack, 5001, 3);
        _fixture.FromProgram(TcpFlags.Ack, 3, 5002);
        Ended(_fixture.Tick(1), flow, FlowEnd.Closed);
    }
}
