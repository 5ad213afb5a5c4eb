using FwRedirect.Redirector.Diversion;
using FwRedirect.Redirector.Engine;
using FwRedirect.Redirector.Packets;
using FwRedirect.Tests.Redirector.Packets;
using static FwRedirect.Tests.Redirector.Engine.EngineFixture;

namespace FwRedirect.Tests.Redirector.Engine;

/// <summary>One client port in several connections at once, and one after another.</summary>
[TestClass]
public sealed class PortSharingTests
{
    private readonly EngineFixture _fixture = new();

    /// <summary>The firewall gives each its own inside port; the answers of one never reach the other.</summary>
    [TestMethod]
    public void OneClientPortTalksToSeveralServersAtOnce()
    {
        var flows = Enumerable.Range(0, 20)
            .Select(i => _fixture.Establish(peer: Peer with { Address = Peer.Address + (uint)i }, inside: Inside with { Port = (ushort)(6789 + i) }))
            .ToArray();
        foreach (var flow in flows)
        {
            var answer = Raw.Tcp(flow.Inside, Client, TcpFlags.Ack, 5001, 1001, [7]);
            Rewritten(_fixture.In(answer));
            CollectionAssert.AreEqual(Raw.Tcp(flow.Peer, Client, TcpFlags.Ack, 5001, 1001, [7]), answer);
        }

        Assert.IsTrue(flows.All(f => f.State == FlowState.Established));
        Assert.AreEqual(40, _fixture.Engine.Entries);
    }

    [TestMethod]
    public void TheEndOfOneIsNotTheEndOfTheOthers()
    {
        var first = _fixture.Establish();
        var second = _fixture.Establish(peer: Raw.At("131.107.0.22:21"), inside: Raw.At("192.168.0.1:6790"));
        _fixture.FromFirewall(TcpFlags.Rst, 5001, 0);
        Ended(_fixture.Tick(1), first, FlowEnd.ResetByPeer);
        Assert.AreEqual(FlowState.Established, second.State);
    }

    /// <summary>RFC 9293, 3.6.1: a SYN beyond the old connection's numbers reopens one in TIME-WAIT.</summary>
    [TestMethod]
    public void APortInTimeWaitOpensANewConnection()
    {
        var old = _fixture.Establish();
        _fixture.FromProgram(TcpFlags.Fin | TcpFlags.Ack, 1001, 5001);
        _fixture.FromFirewall(TcpFlags.Fin | TcpFlags.Ack, 5001, 1002);
        _fixture.FromProgram(TcpFlags.Ack, 1002, 5002);
        Ended(_fixture.Tick(1), old, FlowEnd.Closed);

        var next = _fixture.Pend(seq: 900_000);
        // The old one's last segment comes late, while the new one waits for the firewall.
        Assert.AreEqual(PacketVerdict.Drop, _fixture.Out(Raw.Tcp(Client, Peer, TcpFlags.Ack, 1002, 5002)));
        Assert.IsTrue(_fixture.Engine.Connected(next, Inside with { Port = 6790 }, Client, _fixture.Now, _fixture.Actions));
        var answer = Raw.Tcp(Inside with { Port = 6790 }, Client, TcpFlags.Syn | TcpFlags.Ack, 88, 900_001);
        Rewritten(_fixture.In(answer));
        CollectionAssert.AreEqual(Raw.Tcp(Peer, Client, TcpFlags.Syn | TcpFlags.Ack, 88, 900_001), answer);
        Assert.AreEqual((FlowState.Forgotten, FlowState.Opening), (old.State, next.State));
    }

    /// <summary>The same SYN twice is one attempt, whatever the firewall takes to answer.</summary>
    [TestMethod]
    public void ARepeatedSynIsTheSameConnection()
    {
        var flow = _fixture.Connect();
        _fixture.Take();
        Rewritten(_fixture.Out(Syn()));
        Assert.IsEmpty(_fixture.Take());
        Assert.AreEqual(FlowState.Opening, flow.State);
    }
}
