using FwRedirect.Redirector.Diversion;
using FwRedirect.Redirector.Engine;
using FwRedirect.Redirector.Packets;
using FwRedirect.Tests.Redirector.Packets;
using static FwRedirect.Tests.Redirector.Engine.DatagramFixture;

namespace FwRedirect.Tests.Redirector.Engine;

[TestClass]
public sealed class DatagramFlowsTests
{
    private readonly DatagramFixture _fixture = new();

    [TestMethod]
    public void WhatComesBeforeTheAnswerIsReleasedInOrderAndAsksOnce()
    {
        var flow = _fixture.Ask(1);
        Assert.AreEqual(PacketVerdict.Drop, _fixture.Out(2));
        Assert.AreEqual(PacketVerdict.Drop, _fixture.Out(3));
        Assert.IsEmpty(_fixture.Take());
        var actions = _fixture.Mapped(flow);
        CollectionAssert.AreEqual(new byte[] { 1, 2, 3 }, Payloads(actions).Select(p => p[0]).ToArray());
        CollectionAssert.AreEqual(Raw.Udp(Client, Inside, [1]), actions[0].Packet);
        Assert.AreEqual(0ul, actions[0].Address.Id, "a copy was sent");
        // The flow opens behind the last of them: one that came in between would overtake them.
        Assert.AreEqual(EngineActionKind.OpenFlow, actions[^1].Kind);
        Assert.AreEqual(0, _fixture.Flows.Held);
    }

    [TestMethod]
    public void NothingOvertakesWhatIsBeingReleased()
    {
        var flow = _fixture.Ask();
        Assert.IsTrue(_fixture.Flows.Mapped(flow, Inside, Client, _fixture.Now, _fixture.Actions));
        var address = new DivertAddress { Direction = PacketDirection.Outbound, Checksums = ChecksumState.Valid };
        Assert.IsFalse(_fixture.Engine.TryTranslate(Raw.Udp(Client, Peer, [2]), ref address, _fixture.Now, out _));
        _fixture.Take();
        Assert.IsTrue(_fixture.Engine.TryTranslate(Raw.Udp(Client, Peer, [2]), ref address, _fixture.Now, out _));
    }

    [TestMethod]
    [DataRow(true)]
    [DataRow(false)]
    public void AnOpenFlowIsTranslatedBothWays(bool checksum)
    {
        _fixture.Open();
        var forth = Raw.Udp(Client, Peer, [4, 5], checksum: checksum);
        Assert.AreEqual(PacketVerdict.Rewritten, _fixture.Out(forth));
        CollectionAssert.AreEqual(Raw.Udp(Client, Inside, [4, 5], checksum: checksum), forth);
        var back = Raw.Udp(Inside, Client, [6], checksum: checksum);
        Assert.AreEqual(PacketVerdict.Rewritten, _fixture.In(back));
        CollectionAssert.AreEqual(Raw.Udp(Peer, Client, [6], checksum: checksum), back);
    }

    [TestMethod]
    public void AllPeersOfASocketAreOneAssociation()
    {
        var first = _fixture.Open();
        var second = _fixture.Open(peer: Raw.At("131.107.0.22:3478"), inside: Raw.At("192.168.0.1:6790"));
        var other = _fixture.Open(client: Raw.At("192.168.0.2:5061"));
        Assert.AreSame(first.Association, second.Association);
        Assert.AreNotSame(first.Association, other.Association);
        Assert.HasCount(2, _fixture.Flows.Associations);
        Assert.AreEqual(3, _fixture.Flows.Count);
    }

    [TestMethod]
    public void QuestionsForNamesAndLocalDestinationsPass()
    {
        Assert.AreEqual(PacketVerdict.Pass, _fixture.Out(1, peer: Raw.At("131.107.0.21:53")));
        Assert.AreEqual(PacketVerdict.Pass, _fixture.Out(1, peer: Raw.At("192.168.0.7:3478")));
        Assert.IsEmpty(_fixture.Take());
        Assert.IsEmpty(_fixture.Flows.Associations);
    }

    [TestMethod]
    public void TheOldestOfAPeerGoWhereTooManyWait()
    {
        var flow = _fixture.Ask(0);
        for (var i = 1; i <= FlowLimits.HeldDatagrams; i++)
            _fixture.Out((byte)i);
        Assert.AreEqual(FlowLimits.HeldDatagrams, _fixture.Flows.Held);
        CollectionAssert.AreEqual(
            Enumerable.Range(1, FlowLimits.HeldDatagrams).ToArray(), Payloads(_fixture.Mapped(flow)).Select(p => (int)p[0]).ToArray());
    }

    [TestMethod]
    public void AllPeersTogetherHoldNoMoreThanTheirSpace()
    {
        const int Size = 1_000;
        for (var i = 0; i < FlowLimits.HeldBytesOfAll / Size / FlowLimits.HeldDatagrams + 100; i++)
        {
            for (var j = 0; j < FlowLimits.HeldDatagrams; j++)
                _fixture.Out(Raw.Udp(Client with { Port = (ushort)(2000 + i) }, Peer, new byte[Size]));
        }
        Assert.IsLessThanOrEqualTo(FlowLimits.HeldDatagramsOfAll, _fixture.Flows.Held);
        Assert.IsGreaterThan(0, _fixture.Flows.Overflows);
        _fixture.Tick(FlowLimits.Pending);
        Assert.AreEqual(0, _fixture.Flows.Held);
        Assert.AreEqual(0, _fixture.Engine.Entries);
    }

    /// <summary>A raw socket sends no more than a frame; and what the system is still to cut only the system's own packet can carry.</summary>
    [TestMethod]
    [DataRow(1_400, true)]
    [DataRow(40_000, false)]
    public void WhatCanNotBeSentAnewStaysWithTheDiverter(int payload, bool segmented)
    {
        var packet = Raw.Udp(Client, Peer, new byte[payload]);
        var address = new DivertAddress { Id = 77, Direction = PacketDirection.Outbound, Checksums = ChecksumState.Valid, Segmented = segmented };
        Assert.AreEqual(PacketVerdict.Hold, _fixture.Engine.Decide(packet, ref address, _fixture.Now, _fixture.Actions));
        var flow = _fixture.Take().Single(a => a.Kind == EngineActionKind.RequestConnect).Flow!;
        Assert.AreEqual(77ul, _fixture.Mapped(flow)[0].Address.Id);
    }

    [TestMethod]
    public void WhatStaysWithTheDiverterIsDroppedThereInTheEnd()
    {
        var address = new DivertAddress { Id = 77, Direction = PacketDirection.Outbound, Checksums = ChecksumState.Valid };
        _fixture.Engine.Decide(Raw.Udp(Client, Peer, new byte[2_000]), ref address, _fixture.Now, _fixture.Actions);
        _fixture.Take();
        var actions = _fixture.Tick(FlowLimits.Pending);
        Assert.AreEqual(77ul, actions.Single(a => a.Kind == EngineActionKind.DropPacket).Address.Id);
        Assert.AreEqual(FlowEnd.Unanswered, actions.Single(a => a.Kind == EngineActionKind.FlowEnded).Flow!.End);
    }

    /// <summary>Linux: of UDP_SEGMENT the system makes the sums from the pseudo header's in the field (udp_offload.c).</summary>
    [TestMethod]
    public void ThePseudoHeadersSumStaysOne()
    {
        _fixture.Open();
        var packet = WithPseudoSum(Client, Peer);
        var address = new DivertAddress { Direction = PacketDirection.Outbound, Segmented = true, Checksums = ChecksumState.IpHeader | ChecksumState.Partial };
        Assert.IsTrue(_fixture.Engine.TryTranslate(packet, ref address, _fixture.Now, out _));
        CollectionAssert.AreEqual(WithPseudoSum(Client, Inside), packet);
        Assert.AreEqual(ChecksumState.IpHeader | ChecksumState.Partial, address.Checksums);

        static byte[] WithPseudoSum(PacketEndpoint from, PacketEndpoint to)
        {
            var packet = Raw.Udp(from, to, new byte[3_000]);
            // Addresses, protocol and length, big-endian words, added by hand.
            var sum = 17u + 3_008u;
            for (var i = 12; i < 20; i += 2)
                sum += (uint)((packet[i] << 8) | packet[i + 1]);
            sum = (sum & 0xFFFF) + (sum >> 16);
            sum = (sum & 0xFFFF) + (sum >> 16);
            (packet[26], packet[27]) = ((byte)(sum >> 8), (byte)sum);
            return packet;
        }
    }

    [TestMethod]
    [DataRow("192.168.0.2:5060")]
    [DataRow("10.8.0.2:5060", DisplayName = "source rewritten too")]
    public void AnOpenFlowAllocatesNothing(string program)
    {
        var client = Raw.At(program);
        _fixture.Open(client: client, seenAs: Client);
        var forth = Raw.Udp(client, Peer, new byte[1_200]);
        var back = Raw.Udp(Inside, Client, new byte[1_200]);
        var packet = new byte[forth.Length];
        Run(1_000);
        var before = GC.GetAllocatedBytesForCurrentThread();
        Assert.AreEqual(100_000, Run(100_000));
        Assert.AreEqual(0, GC.GetAllocatedBytesForCurrentThread() - before);

        int Run(int packets)
        {
            var rewritten = 0;
            for (var i = 0; i < packets; i++)
            {
                var isOutbound = (i & 1) == 0;
                (isOutbound ? forth : back).AsSpan().CopyTo(packet);
                var address = new DivertAddress
                {
                    Direction = isOutbound ? PacketDirection.Outbound : PacketDirection.Inbound,
                    Checksums = (i & 2) == 0 ? ChecksumState.Valid : ChecksumState.IpHeader,
                };
                if (_fixture.Engine.TryTranslate(packet, ref address, i, out var verdict) && verdict == PacketVerdict.Rewritten)
                    rewritten++;
            }
            return rewritten;
        }
    }

    [TestMethod]
    public void WhatComesLateFromAnInsideEndpointReachesNobody()
    {
        var flow = _fixture.Open();
        _fixture.Flows.End(flow, FlowEnd.ByFirewall, _fixture.Now, _fixture.Actions);
        Assert.AreEqual(PacketVerdict.Drop, _fixture.In(Raw.Udp(Inside, Client, [1])));
        Assert.AreEqual(PacketVerdict.Pass, _fixture.In(Raw.Udp(Raw.At("192.168.0.1:53"), Client, [1])), "the firewall's own server");
        _fixture.Tick(2 * FlowLimits.DatagramIdle);
        Assert.AreEqual(PacketVerdict.Pass, _fixture.In(Raw.Udp(Inside, Client, [1])));
    }
}
