using FwRedirect.Redirector.Engine;
using FwRedirect.Redirector.Packets;
using FwRedirect.Tests.Redirector.Packets;
using static FwRedirect.Tests.Redirector.Engine.EngineFixture;

namespace FwRedirect.Tests.Redirector.Engine;

/// <summary>RFC 7857, 2.2, and RFC 5961: every reset is passed on, and only one that its receiver believes ends the flow.</summary>
[TestClass]
public sealed class ResetTests
{
    private readonly EngineFixture _fixture = new();

    /// <summary>Client 1001 and peer 5001 are next. What a stranger guesses: nothing, a number in a window of 64 KB, one that was right before.</summary>
    [TestMethod]
    [DataRow(0u)]
    [DataRow(5_002u)]
    [DataRow(40_000u)]
    [DataRow(5_000u)]
    [DataRow(2_147_488_649u)]
    [DataRow(4_000_000_000u)]
    public void ABlindResetIsPassedOnAndEndsNothing(uint sequence)
    {
        foreach (var flags in new[] { TcpFlags.Rst, TcpFlags.Rst | TcpFlags.Ack })
        {
            var flow = _fixture.Establish();
            var reset = Raw.Tcp(Inside, Client, flags, sequence, 1001);
            Rewritten(_fixture.In(reset));
            CollectionAssert.AreEqual(Raw.Tcp(Peer, Client, flags, sequence, 1001), reset);
            Assert.AreEqual(FlowState.Established, flow.State);
            Assert.IsEmpty(_fixture.Tick(FlowLimits.EstablishedIdle - 1));
            _fixture.FromProgram(TcpFlags.Ack, 1001, 5001, [1, 2, 3]);
            _fixture.FromFirewall(TcpFlags.Rst, 5001, 0);
            Ended(_fixture.Tick(1), flow, FlowEnd.ResetByPeer);
        }
    }

    [TestMethod]
    [DataRow(999u)]
    [DataRow(1_005u)]
    [DataRow(70_000u)]
    public void NorDoesABlindOneFromTheProgramsSide(uint sequence)
    {
        var flow = _fixture.Establish();
        _fixture.FromProgram(TcpFlags.Ack, 1001, 5001, [1, 2, 3]);
        _fixture.FromProgram(TcpFlags.Rst, sequence, 0);
        Assert.AreEqual(FlowState.Established, flow.State);
        Assert.IsEmpty(_fixture.Tick(1));
    }

    /// <summary>Linux resets at the next number to send; what was sent before may not be acknowledged yet, or be lost.</summary>
    [TestMethod]
    [DataRow(1_001u)]
    [DataRow(1_003u)]
    [DataRow(1_004u)]
    public void AResetBehindDataThatIsUnderWayIsBelieved(uint sequence)
    {
        var flow = _fixture.Establish();
        _fixture.FromFirewall(TcpFlags.Ack, 5001, 1001);
        _fixture.FromProgram(TcpFlags.Ack, 1001, 5001, [1, 2, 3]);
        _fixture.FromProgram(TcpFlags.Rst | TcpFlags.Ack, sequence, 5001);
        Ended(_fixture.Tick(1), flow, FlowEnd.ResetByProgram);
    }

    [TestMethod]
    public void SequenceNumbersMayWrapInTheCheck()
    {
        var flow = _fixture.Establish(seq: uint.MaxValue - 1);
        _fixture.FromProgram(TcpFlags.Ack, uint.MaxValue, 5001, [1, 2, 3]);
        _fixture.FromProgram(TcpFlags.Rst, 3, 0);
        Assert.AreEqual(FlowEnd.None, flow.End);
        _fixture.FromProgram(TcpFlags.Rst, 2, 0);
        Assert.AreEqual(FlowEnd.ResetByProgram, flow.End);
    }

    /// <summary>In answer to a SYN the acknowledgement is what counts, and the sequence number is 0.</summary>
    [TestMethod]
    [DataRow(1_000u, false)]
    [DataRow(1_002u, false)]
    [DataRow(0u, false)]
    [DataRow(1_001u, true)]
    public void ARefusalAcknowledgesTheSyn(uint acknowledgement, bool believed)
    {
        var flow = _fixture.Connect();
        _fixture.FromFirewall(TcpFlags.Rst | TcpFlags.Ack, 0, acknowledgement);
        Assert.AreEqual(believed ? FlowEnd.ResetByPeer : FlowEnd.None, flow.End);
        if (believed)
            return;
        _fixture.FromFirewall(TcpFlags.Syn | TcpFlags.Ack, 3_000_000_000, 1001);
        _fixture.FromProgram(TcpFlags.Ack, 1001, 3_000_000_001);
        Assert.AreEqual(FlowState.Established, flow.State);
        _fixture.FromFirewall(TcpFlags.Rst, 3_000_000_001, 0);
        Assert.AreEqual(FlowEnd.ResetByPeer, flow.End);
    }

    [TestMethod]
    public void ARefusalWithoutAcknowledgementIsNone()
    {
        var flow = _fixture.Connect();
        _fixture.FromFirewall(TcpFlags.Rst, 0, 0);
        Assert.AreEqual(FlowEnd.None, flow.End);
    }

    [TestMethod]
    public void AnAnnouncedConnectionIsRefusedByTheProgramOrTakenBackByTheFirewall()
    {
        foreach (var byProgram in new[] { true, false })
        {
            var fixture = new EngineFixture();
            var flow = fixture.Engine.AddMapping(6, Inside, Peer, Client, Client, null, fixture.Now, fixture.Actions)!;
            fixture.FromFirewall(TcpFlags.Syn, 9000, 0);
            if (byProgram)
                fixture.FromProgram(TcpFlags.Rst | TcpFlags.Ack, 0, 9001);
            else
                fixture.FromFirewall(TcpFlags.Rst, 9001, 0);
            Assert.AreEqual(byProgram ? FlowEnd.ResetByProgram : FlowEnd.ResetByPeer, flow.End);
        }
    }

    /// <summary>The program's SYN is answered by nobody yet, and it gives up.</summary>
    [TestMethod]
    public void TheProgramTakesItsSynBack()
    {
        var flow = _fixture.Connect();
        _fixture.FromProgram(TcpFlags.Rst, 1_001, 0);
        Assert.AreEqual(FlowEnd.ResetByProgram, flow.End);
    }

    /// <summary>A reset that is not believed changes no number by which the flow would be cut.</summary>
    [TestMethod]
    public void ABlindResetAndABlindSynLeaveTheNumbersAlone()
    {
        var flow = _fixture.Establish();
        _fixture.FromFirewall(TcpFlags.Rst, 99_999, 0);
        _fixture.FromFirewall(TcpFlags.Syn, 77, 0);
        Assert.AreEqual((5_001u, 5_000u, 1_001u), (flow.Inbound.NextSequence, flow.Inbound.InitialSequence, flow.Inbound.Acknowledgement));
        _fixture.Engine.Abort(flow, _fixture.Now, _fixture.Actions);
        var resets = _fixture.Take().Where(a => a.Kind == EngineActionKind.SendPacket).Select(a => new PacketView(a.Packet).Sequence).ToArray();
        CollectionAssert.AreEqual(new[] { 5_001u, 1_001u }, resets);
    }

    /// <summary>The other end may not have got it: its packets, and another reset for them, still pass for four minutes.</summary>
    [TestMethod]
    public void AResetFlowIsTranslatedForFourMinutes()
    {
        var flow = _fixture.Establish();
        _fixture.FromProgram(TcpFlags.Rst, 1_001, 0);
        Ended(_fixture.Tick(1), flow, FlowEnd.ResetByProgram);
        Assert.IsEmpty(_fixture.Tick(FlowLimits.Linger - 2));
        _fixture.FromFirewall(TcpFlags.Ack, 5001, 1001, [1]);
        _fixture.FromProgram(TcpFlags.Rst, 1_001, 0);
        Assert.IsEmpty(_fixture.Tick(FlowLimits.Linger - 1));
        Assert.AreEqual(2, _fixture.Engine.Entries);
        Assert.AreEqual(1, _fixture.Engine.Lingering);
        Assert.IsEmpty(_fixture.Tick(1));
        Assert.AreEqual(0, _fixture.Engine.Entries);
    }
}
