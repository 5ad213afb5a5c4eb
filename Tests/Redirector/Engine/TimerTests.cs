using FwRedirect.Redirector.Diversion;
using FwRedirect.Redirector.Engine;
using FwRedirect.Redirector.Packets;
using static FwRedirect.Tests.Redirector.Engine.EngineFixture;

namespace FwRedirect.Tests.Redirector.Engine;

/// <summary>RFC 5382, REQ-5, and RFC 7857, 2.1, in their own figures.</summary>
[TestClass]
public sealed class TimerTests
{
    private const long Minute = 60_000;
    private readonly EngineFixture _fixture = new();

    [TestMethod]
    public void AnEstablishedConnectionMayBeSilentForTwoHoursAndFourMinutes()
    {
        var flow = _fixture.Establish();
        Assert.IsEmpty(_fixture.Tick((124 * Minute) - 1));
        // The keep-alive that every stack sends after two hours, and its answer.
        _fixture.FromProgram(TcpFlags.Ack, 1000, 5001);
        _fixture.FromFirewall(TcpFlags.Ack, 5001, 1001);
        Assert.IsEmpty(_fixture.Tick((124 * Minute) - 1));
        Assert.AreEqual(FlowState.Established, flow.State);
        Ended(_fixture.Tick(1), flow, FlowEnd.Idle);
    }

    [TestMethod]
    public void APartlyOpenOneForFourMinutes()
    {
        var flow = _fixture.Connect();
        _fixture.Take();
        _fixture.FromFirewall(TcpFlags.Syn | TcpFlags.Ack, 5000, 1001);
        Assert.IsEmpty(_fixture.Tick((4 * Minute) - 1));
        Ended(_fixture.Tick(1), flow, FlowEnd.Idle);
    }

    [TestMethod]
    public void AClosingOneForFourMinutes()
    {
        var flow = _fixture.Establish();
        _fixture.FromProgram(TcpFlags.Fin | TcpFlags.Ack, 1001, 5001);
        _fixture.FromFirewall(TcpFlags.Fin | TcpFlags.Ack, 5001, 1001);
        Assert.AreEqual(FlowState.Closing, flow.State);
        Assert.IsEmpty(_fixture.Tick((4 * Minute) - 1));
        Ended(_fixture.Tick(1), flow, FlowEnd.Idle);
    }

    /// <summary>TIME-WAIT: a FIN whose last acknowledgement was lost comes again and is answered.</summary>
    [TestMethod]
    public void AClosedOneIsRememberedForFourMinutes()
    {
        var flow = Close();
        Assert.IsEmpty(_fixture.Tick((4 * Minute) - 2));
        _fixture.FromFirewall(TcpFlags.Fin | TcpFlags.Ack, 5001, 1002);
        _fixture.FromProgram(TcpFlags.Ack, 1002, 5002);
        Assert.IsEmpty(_fixture.Tick((4 * Minute) - 1));
        Assert.IsEmpty(_fixture.Tick(1));
        Assert.AreEqual((FlowState.Forgotten, 0), (flow.State, _fixture.Engine.Entries));
    }

    /// <summary>What has ended never stands in a living connection's way.</summary>
    [TestMethod]
    public void AFullTableForgetsWhatHasEndedFirst()
    {
        var living = _fixture.Establish();
        for (var port = 1 << 14; _fixture.Engine.Flows.Count < FlowLimits.MostFlows; port++)
        {
            var flow = _fixture.Connect(
                client: new PacketEndpoint(Client.Address + (uint)(port >> 14), (ushort)(1 + (port & 0x3FFF))),
                inside: Inside with { Port = (ushort)(6789 + (port >> 14)) });
            _fixture.Engine.EndedOutside(flow, _fixture.Actions);
        }

        _fixture.Take();
        var next = Client with { Port = 60_000 };
        Assert.AreEqual(PacketVerdict.Drop, _fixture.Out(Syn(client: next)), "the last of them ended a moment ago");
        _fixture.Now += FlowLimits.ShortLinger;
        Assert.AreEqual(PacketVerdict.Hold, _fixture.Out(Syn(client: next)));
        Assert.AreEqual(2, _fixture.Engine.Flows.Count);
        Assert.AreEqual(FlowState.Established, living.State);
    }

    private Flow Close()
    {
        var flow = _fixture.Establish();
        _fixture.FromProgram(TcpFlags.Fin | TcpFlags.Ack, 1001, 5001);
        _fixture.FromFirewall(TcpFlags.Fin | TcpFlags.Ack, 5001, 1002);
        _fixture.FromProgram(TcpFlags.Ack, 1002, 5002);
        Ended(_fixture.Tick(1), flow, FlowEnd.Closed);
        return flow;
    }
}
