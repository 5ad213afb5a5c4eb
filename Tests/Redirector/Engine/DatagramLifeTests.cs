using FwRedirect.Redirector.Diversion;
using FwRedirect.Redirector.Engine;
using FwRedirect.Redirector.Packets;
using FwRedirect.Tests.Redirector.Packets;
using static FwRedirect.Tests.Redirector.Engine.DatagramFixture;

namespace FwRedirect.Tests.Redirector.Engine;

[TestClass]
public sealed class DatagramLifeTests
{
    private readonly DatagramFixture _fixture = new();

    /// <summary>RFC 4787, REQ-5 and REQ-6: five minutes, refreshed by what goes out; the socket's port stays.</summary>
    [TestMethod]
    public void APeerIdlesOutAndItsSocketStays()
    {
        var flow = _fixture.Open();
        Assert.IsEmpty(_fixture.Tick(FlowLimits.DatagramIdle - 1));
        _fixture.Out(2);
        Assert.IsEmpty(_fixture.Tick(FlowLimits.DatagramIdle - 1));
        Assert.AreSame(flow, _fixture.Tick(1).Single().Flow);
        Assert.AreEqual(FlowEnd.Idle, flow.End);
        Assert.AreEqual(0, _fixture.Engine.Entries);

        Assert.AreSame(flow.Association, _fixture.Ask().Association);
    }

    [TestMethod]
    public void ASocketWithoutPeersEndsInTheEnd()
    {
        var association = _fixture.Open().Association!;
        _fixture.Tick(FlowLimits.DatagramIdle);
        Assert.IsEmpty(_fixture.Tick(FlowLimits.AssociationIdle - 1));
        var ended = _fixture.Tick(1).Single();
        Assert.AreEqual((EngineActionKind.AssociationEnded, association), (ended.Kind, ended.Association));
        Assert.IsEmpty(_fixture.Flows.Associations);
    }

    /// <summary>A server waits for as long as it has its socket.</summary>
    [TestMethod]
    public void ASocketThatIsKeptStaysWithoutPeersAndGivesWayLast()
    {
        var kept = _fixture.Flows.Associate(Client, _fixture.Now, _fixture.Actions);
        kept.IsKept = true;
        Assert.IsEmpty(_fixture.Tick(FlowLimits.AssociationIdle + 1));
        var flow = _fixture.Ask();
        Assert.AreSame(kept, flow.Association);
        DatagramFlows.Refused(flow, FlowRefusal.Reset, FlowEnd.Refused, _fixture.Now, _fixture.Actions);
        _fixture.Take();
        _fixture.Tick(FlowLimits.DatagramRefusalCache);
        Assert.AreSame(kept, _fixture.Flows.Associations.Single(), "nobody owns it yet, and it has no peer");

        for (var i = 0; i < FlowLimits.MostAssociations; i++)
            _fixture.Flows.Associate(PacketEndpoint.FromIPv4(0x0A000000u + (uint)i, 1), _fixture.Now, _fixture.Actions);
        Assert.Contains(kept, _fixture.Flows.Associations);
        Assert.HasCount(FlowLimits.MostAssociations, _fixture.Flows.Associations);
        Assert.AreEqual(FlowEnd.Evicted, _fixture.Take().Single(action => action.Kind == EngineActionKind.AssociationEnded).Association!.End);
    }

    [TestMethod]
    public void AClosedSocketTakesItsPeersAlongAndIsReportedOnce()
    {
        var flow = _fixture.Open();
        var second = _fixture.Open(peer: Raw.At("131.107.0.22:1"), inside: Raw.At("192.168.0.1:6790"));
        _fixture.Flows.End(flow.Association!, FlowEnd.Outside, _fixture.Actions);
        _fixture.Flows.End(flow.Association!, FlowEnd.Outside, _fixture.Actions);
        Assert.AreEqual(EngineActionKind.AssociationEnded, _fixture.Take().Single().Kind);
        CollectionAssert.AreEquivalent(new[] { flow, second }, flow.Association!.Peers.ToArray());
        Assert.AreEqual((0, 0), (_fixture.Engine.Entries, _fixture.Flows.Count));
        Assert.AreNotSame(flow.Association, _fixture.Ask().Association, "the next program with this port does not inherit it");
    }

    [TestMethod]
    [DataRow(FlowRefusal.AdministrativelyProhibited, (byte)13)]
    [DataRow(FlowRefusal.Reset, (byte)3)]
    [DataRow(FlowRefusal.HostUnreachable, (byte)1)]
    [DataRow(FlowRefusal.NetworkProhibited, (byte)9)]
    public void ARefusalIsToldAndAFloodAsksOnce(object refusal, byte code)
    {
        var flow = _fixture.Ask();
        DatagramFlows.Refused(flow, (FlowRefusal)refusal, FlowEnd.Refused, _fixture.Now, _fixture.Actions);
        var actions = _fixture.Take();
        Assert.AreEqual((3, code), Icmp(actions, Client, Peer));
        Assert.AreEqual(1, actions.Count(a => a.Kind == EngineActionKind.FlowEnded));
        for (var i = 0; i < 1_000; i++)
            Assert.AreEqual(PacketVerdict.Drop, _fixture.Out(2));
        Assert.IsEmpty(_fixture.Take(), "told a moment ago");
        _fixture.Tick(FlowLimits.RefusalInterval);
        _fixture.Out(3);
        Assert.AreEqual((3, code), Icmp(_fixture.Take(), Client, Peer));

        _fixture.Tick(FlowLimits.DatagramRefusalCache);
        Assert.AreNotSame(flow, _fixture.Ask(), "a changed rule is seen soon");
    }

    [TestMethod]
    public void NobodyIsToldOfASilentRefusal()
    {
        DatagramFlows.Refused(_fixture.Ask(), FlowRefusal.Silent, FlowEnd.Refused, _fixture.Now, _fixture.Actions);
        Assert.AreEqual(EngineActionKind.FlowEnded, _fixture.Take().Single().Kind);
    }

    [TestMethod]
    public void AnErrorOfTheNetworkIsToldAndEndsNothing()
    {
        var flow = _fixture.Open(client: Raw.At("10.8.0.2:5060"), seenAs: Client);
        DatagramFlows.Failed(flow, FlowRefusal.Reset, _fixture.Actions);
        Assert.AreEqual((3, 3), Icmp(_fixture.Take(), flow.Client, Peer));
        Assert.AreEqual(PacketVerdict.Rewritten, _fixture.Out(2, client: flow.Client));
    }

    [TestMethod]
    public void DirectGoesAsItCameAndTriesTheFirewallNowAndThen()
    {
        var flow = _fixture.Ask();
        DatagramFlows.PassUnchanged(flow, _fixture.Now, _fixture.Actions);
        CollectionAssert.AreEqual(Raw.Udp(Client, Peer, [1]), _fixture.Take().Single().Packet);
        Assert.AreEqual(PacketVerdict.Pass, _fixture.Out(2));
        Assert.IsEmpty(_fixture.Tick(FlowLimits.Direct));
        Assert.AreEqual(PacketVerdict.Pass, _fixture.Out(3));
        Assert.AreSame(flow, _fixture.Take().Single(a => a.Kind == EngineActionKind.RequestConnect).Flow);
        Assert.AreEqual(PacketVerdict.Pass, _fixture.Out(4));
        Assert.IsEmpty(_fixture.Take(), "asked already");

        _fixture.Mapped(flow);
        Assert.AreEqual(PacketVerdict.Rewritten, _fixture.Out(5));
    }

    [TestMethod]
    public void APeerThatNobodyAskedForIsSeenAsItself()
    {
        var association = _fixture.Open().Association!;
        var stranger = Raw.At("131.107.0.21:40000");
        var inside = Raw.At("192.168.0.1:6790");
        var flow = _fixture.Flows.Announce(association, inside, stranger, Client, _fixture.Now, _fixture.Actions);
        Assert.AreSame(association, flow!.Association);
        var back = Raw.Udp(inside, Client, [1]);
        Assert.AreEqual(PacketVerdict.Rewritten, _fixture.In(back));
        CollectionAssert.AreEqual(Raw.Udp(stranger, Client, [1]), back);
        var forth = Raw.Udp(Client, stranger, [2]);
        Assert.AreEqual(PacketVerdict.Rewritten, _fixture.Out(forth));
        CollectionAssert.AreEqual(Raw.Udp(Client, inside, [2]), forth);
    }

    /// <summary>PROTOCOL.md, 10.1, 4: both at once are one mapping.</summary>
    [TestMethod]
    public void AnAnnouncedPeerThatIsBeingAskedForIsOneFlow()
    {
        var association = _fixture.Open().Association!;
        var stranger = Raw.At("131.107.0.21:40000");
        var inside = Raw.At("192.168.0.1:6790");
        var asked = _fixture.Ask(7, peer: stranger);
        Assert.AreSame(asked, _fixture.Flows.Announce(association, inside, stranger, Client, _fixture.Now, _fixture.Actions));
        Assert.AreEqual(7, Payloads(_fixture.Take()).Single()[0]);
        Assert.AreSame(asked, _fixture.Flows.Announce(association, inside, stranger, Client, _fixture.Now, _fixture.Actions), "told twice");
        Assert.AreEqual(2, _fixture.Flows.Count);
    }

    [TestMethod]
    public void TwoProgramsThatWouldLookTheSameAreNotMixedUp()
    {
        _fixture.Open();
        var other = _fixture.Ask(client: Raw.At("10.8.0.2:5060"));
        Assert.IsFalse(_fixture.Flows.Mapped(other, Inside, Client, _fixture.Now, _fixture.Actions));
        Assert.AreEqual(FlowEnd.SourceInUse, other.End);
        Assert.AreEqual((3, 1), Icmp(_fixture.Take(), other.Client, Peer));
        Assert.AreEqual(PacketVerdict.Rewritten, _fixture.Out(2));
    }

    [TestMethod]
    public void TheLeastUsedPeerGivesWay()
    {
        const ushort First = 1000;
        var first = _fixture.Open(peer: Peer with { Port = First }, inside: Inside with { Port = First });
        for (var port = (ushort)(First + 1); port < First + FlowLimits.MostPeers; port++)
        {
            _fixture.Tick(1);
            _fixture.Open(peer: Peer with { Port = port }, inside: Inside with { Port = port });
        }
        _fixture.Tick(1);
        _fixture.Out(1, peer: Peer with { Port = First });
        _fixture.Tick(1);
        Assert.AreEqual(PacketVerdict.Drop, _fixture.Out(1, peer: Peer with { Port = 9999 }));
        var ended = _fixture.Take().Single(a => a.Kind == EngineActionKind.FlowEnded).Flow!;
        Assert.AreEqual((First + 1, FlowEnd.Evicted), (ended.Peer.Port, ended.End));
        Assert.AreEqual(FlowEnd.None, first.End);
        Assert.AreEqual(FlowLimits.MostPeers, _fixture.Flows.Count);
    }

    [TestMethod]
    public void TheLeastUsedSocketGivesWay()
    {
        for (var i = 0; i <= FlowLimits.MostAssociations; i++)
        {
            _fixture.Ask(client: Client with { Port = (ushort)(1024 + i) });
            if (i == 0)
                _fixture.Tick(1);
            if (i < FlowLimits.MostAssociations)
                continue;
            Assert.HasCount(FlowLimits.MostAssociations, _fixture.Flows.Associations);
            Assert.IsFalse(_fixture.Flows.Associations.Any(a => a.Client.Port == 1024));
        }
    }
}
