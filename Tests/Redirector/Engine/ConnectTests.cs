using FwRedirect.Redirector.Diversion;
using FwRedirect.Redirector.Engine;
using FwRedirect.Redirector.Packets;
using FwRedirect.Tests.Redirector.Packets;
using static FwRedirect.Tests.Redirector.Engine.EngineFixture;

namespace FwRedirect.Tests.Redirector.Engine;

[TestClass]
public sealed class ConnectTests
{
    private readonly EngineFixture _fixture = new();

    [TestMethod]
    public void SynIsHeldAndAskedForOnce()
    {
        var flow = _fixture.Pend();
        Assert.AreEqual(FlowState.Pending, flow.State);
        Assert.AreEqual(Client, flow.Client);
        Assert.AreEqual(Peer, flow.Peer);
        Assert.AreEqual(1, _fixture.Engine.Pending);
        Assert.AreEqual(PacketVerdict.Drop, _fixture.Out(Syn()));
        Assert.AreEqual(PacketVerdict.Drop, _fixture.Out(Syn()));
        Assert.IsEmpty(_fixture.Take());
        Assert.AreEqual(2, flow.SynRepeats);
    }

    [TestMethod]
    public void LocalDestinationPassesWithoutAnEntry()
    {
        Assert.AreEqual(PacketVerdict.Pass, _fixture.Out(Syn(peer: Raw.At("192.168.0.9:80"))));
        Assert.AreEqual(0, _fixture.Engine.Entries);
    }

    [TestMethod]
    public void ConnectedReleasesTheSynRewritten()
    {
        var flow = _fixture.Pend();
        var id = _fixture.LastId;
        Assert.IsTrue(_fixture.Engine.Connected(flow, Inside, Client, _fixture.Now, _fixture.Actions));
        var send = _fixture.Take().Single();
        Assert.AreEqual(EngineActionKind.SendPacket, send.Kind);
        Assert.AreEqual(id, send.Address.Id);
        Assert.AreEqual(PacketDirection.Outbound, send.Address.Direction);
        Assert.AreEqual(ChecksumState.Valid, send.Address.Checksums);
        CollectionAssert.AreEqual(Syn(peer: Inside), send.Packet);
        Assert.AreEqual(0, _fixture.Engine.Pending);
        Assert.AreEqual(2, _fixture.Engine.Entries);
        Assert.AreEqual(FlowState.Opening, flow.State);
    }

    [TestMethod]
    public void BothDirectionsAreTranslated()
    {
        var flow = _fixture.Establish();
        byte[] data = [1, 2, 3];
        var forth = Raw.Tcp(Client, Peer, TcpFlags.Ack | TcpFlags.Psh, 1001, 5001, data);
        Rewritten(_fixture.Out(forth));
        CollectionAssert.AreEqual(Raw.Tcp(Client, Inside, TcpFlags.Ack | TcpFlags.Psh, 1001, 5001, data), forth);
        var back = Raw.Tcp(Inside, Client, TcpFlags.Ack, 5001, 1004, data);
        Rewritten(_fixture.In(back));
        CollectionAssert.AreEqual(Raw.Tcp(Peer, Client, TcpFlags.Ack, 5001, 1004, data), back);
        Assert.AreEqual(3, flow.Outbound.Packets);
        Assert.AreEqual(40 + 40 + 43, flow.Outbound.Bytes);
        Assert.AreEqual(2, flow.Inbound.Packets);
    }

    [TestMethod]
    public void SynRetransmittedAfterTheReleaseIsTranslated()
    {
        _fixture.Connect();
        Rewritten(_fixture.Out(Syn()));
    }

    [TestMethod]
    public void WhatIsOlderThanTheServicePasses()
    {
        Assert.AreEqual(PacketVerdict.Pass, _fixture.Out(Raw.Tcp(Client, Peer, TcpFlags.Ack, 1, 1)));
        Assert.AreEqual(PacketVerdict.Pass, _fixture.Out(Raw.Tcp(Client, Peer, TcpFlags.Syn | TcpFlags.Ack, 1, 1)));
        Assert.AreEqual(PacketVerdict.Pass, _fixture.Out(Raw.Tcp(Client, Peer, TcpFlags.Rst, 1)));
        Assert.AreEqual(PacketVerdict.Pass, _fixture.In(Raw.Tcp(Inside, Client, TcpFlags.Syn, 1)));
        Assert.AreEqual(PacketVerdict.Pass, _fixture.In(Raw.Tcp(Inside, Client, TcpFlags.Syn | TcpFlags.Ack, 1, 1)));
        Assert.AreEqual(PacketVerdict.Pass, _fixture.In(Raw.Tcp(Inside, Client, TcpFlags.Ack | TcpFlags.Psh, 1, 1, [1, 2, 3])));
        Assert.AreEqual(PacketVerdict.Pass, _fixture.In(Raw.Tcp(Inside, Client, TcpFlags.Fin | TcpFlags.Ack, 1, 1)));
        Assert.AreEqual(PacketVerdict.Pass, _fixture.Out(Raw.Udp(Client, Raw.At("131.107.0.21:53"), [1])));
        Assert.AreEqual(PacketVerdict.Pass, _fixture.Out([0x45, 0, 0]));
        Assert.AreEqual(0, _fixture.Engine.Entries);
        Assert.IsEmpty(_fixture.Take());
    }

    [TestMethod]
    public void PassUnchangedReleasesTheSynAsItCame()
    {
        var flow = _fixture.Pend();
        _fixture.Engine.PassUnchanged(flow, _fixture.Actions);
        var actions = _fixture.Take();
        CollectionAssert.AreEqual(Syn(), actions[0].Packet);
        Ended(actions, flow, FlowEnd.Direct);
        Assert.AreEqual(0, _fixture.Engine.Entries);
        Assert.AreEqual(PacketVerdict.Pass, _fixture.Out(Raw.Tcp(Client, Peer, TcpFlags.Ack, 1001, 1)));
    }

    [TestMethod]
    public void AnswerThatComesTooLateIsSaidToBeSo()
    {
        var flow = _fixture.Pend();
        var id = _fixture.LastId;
        var actions = _fixture.Tick(FlowLimits.Pending);
        Assert.AreEqual(id, actions.Single(a => a.Kind == EngineActionKind.DropPacket).Address.Id);
        Ended(actions, flow, FlowEnd.Unanswered);
        Assert.IsFalse(_fixture.Engine.Connected(flow, Inside, Client, _fixture.Now, _fixture.Actions));
        _fixture.Engine.Refused(flow, FlowRefusal.Reset, _fixture.Now, _fixture.Actions);
        Assert.IsEmpty(_fixture.Take());
        Assert.AreEqual(0, _fixture.Engine.Entries);
        Assert.AreEqual(0, _fixture.Engine.Pending);
    }

    [TestMethod]
    public void NewAttemptWhilePendingReplacesTheOldOne()
    {
        var first = _fixture.Pend();
        var id = _fixture.LastId;
        Assert.AreEqual(PacketVerdict.Hold, _fixture.Out(Syn(seq: 2000)));
        var actions = _fixture.Take();
        Assert.AreEqual(id, actions.Single(a => a.Kind == EngineActionKind.DropPacket).Address.Id);
        Ended(actions, first, FlowEnd.Replaced);
        var second = actions.Single(a => a.Kind == EngineActionKind.RequestConnect).Flow!;
        Assert.IsFalse(_fixture.Engine.Connected(first, Inside, Client, _fixture.Now, _fixture.Actions));
        Assert.IsTrue(_fixture.Engine.Connected(second, Inside, Client, _fixture.Now, _fixture.Actions));
        Assert.AreEqual(0, _fixture.Engine.Pending);
    }

    [TestMethod]
    public void InsideEndpointOfTheOtherFamilyIsNotTaken()
    {
        var flow = _fixture.Pend();
        Assert.IsFalse(_fixture.Engine.Connected(flow, Raw.At("[fd00::1]:6789"), Client, _fixture.Now, _fixture.Actions));
        Assert.AreEqual(FlowState.Pending, flow.State);
    }

    [TestMethod]
    public void SimultaneousFlowsThroughOneInsidePortStayApart()
    {
        for (ushort port = 2000; port < 2100; port++)
            _fixture.Connect(client: new PacketEndpoint(Client.Address, port));
        for (ushort port = 2000; port < 2100; port++)
        {
            var client = new PacketEndpoint(Client.Address, port);
            var answer = Raw.Tcp(Inside, client, TcpFlags.Syn | TcpFlags.Ack, 1, 1001);
            Rewritten(_fixture.In(answer));
            CollectionAssert.AreEqual(Raw.Tcp(Peer, client, TcpFlags.Syn | TcpFlags.Ack, 1, 1001), answer);
        }
        Assert.AreEqual(200, _fixture.Engine.Entries);
    }
}
