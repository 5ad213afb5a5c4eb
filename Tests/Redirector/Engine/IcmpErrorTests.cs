using FwRedirect.Redirector.Diversion;
using FwRedirect.Redirector.Engine;
using FwRedirect.Redirector.Packets;
using FwRedirect.Tests.Redirector.Packets;
using static FwRedirect.Tests.Redirector.Engine.EngineFixture;

namespace FwRedirect.Tests.Redirector.Engine;

/// <summary>RFC 5508, REQ-3 to REQ-5, and RFC 5382, REQ-9 and REQ-10.</summary>
[TestClass]
public sealed class IcmpErrorTests
{
    private static readonly PacketEndpoint Router = Raw.At("192.168.0.254:0");
    private static readonly PacketEndpoint Vpn = Raw.At("10.8.0.2:1515");
    private readonly EngineFixture _fixture = new();

    private static byte[] Sent => Raw.Tcp(Client, Inside, TcpFlags.Ack, 1001, 5001, new byte[900]);

    private static byte[] Original => Raw.Tcp(Client, Peer, TcpFlags.Ack, 1001, 5001, new byte[900]);

    [TestMethod]
    [DataRow((byte)3, (byte)0)]
    [DataRow((byte)3, (byte)1)]
    [DataRow((byte)3, (byte)3)]
    [DataRow((byte)3, (byte)4)]
    [DataRow((byte)3, (byte)13)]
    [DataRow((byte)11, (byte)0)]
    [DataRow((byte)12, (byte)0)]
    public void AnErrorIsTurnedBackAndEndsNothing(byte type, byte code)
    {
        var flow = _fixture.Establish();
        var error = Raw.Icmp(Router, Client, type, code, Sent.AsSpan(0, 48));
        Rewritten(_fixture.In(error));
        CollectionAssert.AreEqual(Raw.Icmp(Router, Client, type, code, Original.AsSpan(0, 48)), error);
        Assert.AreEqual((FlowState.Established, FlowEnd.None), (flow.State, flow.End));
        Assert.IsEmpty(_fixture.Tick(1));
        _fixture.FromProgram(TcpFlags.Ack, 1001, 5001, [1]);
    }

    /// <summary>An error refreshes nothing either: a router is not the peer.</summary>
    [TestMethod]
    public void AnErrorDoesNotKeepAnIdleFlow()
    {
        var flow = _fixture.Establish();
        _fixture.Now += FlowLimits.EstablishedIdle - 1;
        Rewritten(_fixture.In(Raw.Icmp(Router, Client, 3, 1, Sent.AsSpan(0, 28))));
        Ended(_fixture.Tick(1), flow, FlowEnd.Idle);
    }

    [TestMethod]
    public void ADamagedErrorIsNotMadeWhole()
    {
        _fixture.Establish();
        foreach (var at in new[] { 24, 36, 55 })
        {
            var error = Raw.Icmp(Router, Client, 3, 4, Sent.AsSpan(0, 48));
            error[at] ^= 0x40;
            var before = error.ToArray();
            Assert.AreEqual(PacketVerdict.Pass, _fixture.In(error));
            CollectionAssert.AreEqual(before, error);
        }
    }

    /// <summary>REQ-3a: the quoted IP header has a checksum of its own, and it is wrong.</summary>
    [TestMethod]
    public void AQuoteWithADamagedHeaderIsNotBelieved()
    {
        _fixture.Establish();
        var quote = Sent.AsSpan(0, 48).ToArray();
        quote[8]--;
        Assert.AreEqual(PacketVerdict.Pass, _fixture.In(Raw.Icmp(Router, Client, 3, 4, quote)));
    }

    /// <summary>REQ-3b.</summary>
    [TestMethod]
    public void AQuoteWithIpOptionsIsTurnedBack()
    {
        byte[] options = [0x94, 4, 0, 0];
        _fixture.Establish();
        var error = Raw.Icmp(Router, Client, 3, 4, Raw.Tcp(Client, Inside, TcpFlags.Ack, 1001, 5001, ipOptions: options).AsSpan(0, 32));
        Rewritten(_fixture.In(error));
        CollectionAssert.AreEqual(
            Raw.Icmp(Router, Client, 3, 4, Raw.Tcp(Client, Peer, TcpFlags.Ack, 1001, 5001, ipOptions: options).AsSpan(0, 32)), error);
    }

    /// <summary>REQ-3d: extensions of RFC 4884 stand behind the quote and are no part of the quoted packet.</summary>
    [TestMethod]
    public void ExtensionsBehindTheQuoteStay()
    {
        byte[] extension = [0x20, 0, 0, 0, 0, 8, 1, 1, 0xAB, 0xCD, 0x01, 0xFF];
        _fixture.Establish();
        var error = Raw.Icmp(Router, Client, 11, 0, [.. Sent.AsSpan(0, 128), .. extension]);
        Rewritten(_fixture.In(error));
        CollectionAssert.AreEqual(Raw.Icmp(Router, Client, 11, 0, [.. Original.AsSpan(0, 128), .. extension]), error);
    }

    /// <summary>REQ-4, first half: what belongs to no flow is the machine's own affair.</summary>
    [TestMethod]
    public void AnErrorOfNoFlowIsLeftAlone()
    {
        _fixture.Establish();
        var error = Raw.Icmp(Router, Client, 3, 4, Raw.Tcp(Client, Raw.At("192.168.0.1:6790"), TcpFlags.Ack).AsSpan(0, 40));
        var before = error.ToArray();
        Assert.AreEqual(PacketVerdict.Pass, _fixture.In(error));
        CollectionAssert.AreEqual(before, error);
    }

    /// <summary>REQ-5: the machine complains to the peer that it sees of a packet that the firewall sent.</summary>
    [TestMethod]
    [DataRow(6, false)]
    [DataRow(17, false)]
    [DataRow(6, true)]
    public void AnErrorOfThisMachineReachesTheFirewall(int protocol, bool vpn)
    {
        var program = vpn ? Vpn : Client;
        _fixture.Engine.AddMapping((byte)protocol, Inside, Peer, program, Client, null, _fixture.Now, _fixture.Actions);
        var error = Raw.Icmp(program, Peer, 3, 3, Packet(protocol, Peer, program).AsSpan(0, 28));
        Rewritten(_fixture.Out(error));
        CollectionAssert.AreEqual(Raw.Icmp(Client, Inside, 3, 3, Packet(protocol, Inside, Client).AsSpan(0, 28)), error);

        var foreign = Raw.Icmp(program, Peer, 3, 3, Packet(protocol, Peer, program with { Port = 9 }).AsSpan(0, 28));
        Assert.AreEqual(PacketVerdict.Pass, _fixture.Out(foreign));
    }

    /// <summary>IPv6 lives by "packet too big": no router cuts a packet of it (RFC 8201).</summary>
    [TestMethod]
    [DataRow((byte)2, (byte)0, DisplayName = "packet too big")]
    [DataRow((byte)1, (byte)0, DisplayName = "no route")]
    [DataRow((byte)1, (byte)3, DisplayName = "address unreachable")]
    [DataRow((byte)3, (byte)0, DisplayName = "hop limit exceeded")]
    [DataRow((byte)4, (byte)1, DisplayName = "parameter problem")]
    public void AnErrorOfIPv6IsTurnedBackToo(byte type, byte code)
    {
        var (client, inside, peer, router) = (Raw.At("[2001:db8:1::2]:1515"), Raw.At("[2001:db8:1::1]:6789"), Raw.At("[2001:db8:2::21]:80"), Raw.At("[2001:db8:1::fe]:0"));
        _fixture.Engine.AddMapping(IpProtocol.Tcp, inside, peer, client, client, null, _fixture.Now, _fixture.Actions);
        byte[] Sent(PacketEndpoint to) => Raw.Tcp(client, to, TcpFlags.Ack, 1001, 5001, new byte[900]);
        foreach (var (reporter, seen) in new[] { (router, router), (inside with { Port = 0 }, peer with { Port = 0 }) })
        {
            var error = Raw.Icmp(reporter, client with { Port = 0 }, type, code, Sent(inside).AsSpan(0, 700));
            Rewritten(_fixture.In(error));
            CollectionAssert.AreEqual(Raw.Icmp(seen, client with { Port = 0 }, type, code, Sent(peer).AsSpan(0, 700)), error);
        }

        var damaged = Raw.Icmp(router, client with { Port = 0 }, type, code, Sent(inside).AsSpan(0, 60));
        damaged[60] ^= 1;
        Assert.AreEqual(PacketVerdict.Pass, _fixture.In(damaged));
        var foreign = Raw.Icmp(router, client with { Port = 0 }, type, code, Sent(inside with { Port = 6790 }).AsSpan(0, 60));
        Assert.AreEqual(PacketVerdict.Pass, _fixture.In(foreign));

        var ours = Raw.Icmp(client with { Port = 0 }, peer with { Port = 0 }, type, code, Raw.Tcp(peer, client, TcpFlags.Syn, 9000).AsSpan(0, 48));
        Rewritten(_fixture.Out(ours));
        CollectionAssert.AreEqual(Raw.Icmp(client with { Port = 0 }, inside with { Port = 0 }, type, code, Raw.Tcp(inside, client, TcpFlags.Syn, 9000).AsSpan(0, 48)), ours);
    }

    private static byte[] Packet(int protocol, PacketEndpoint source, PacketEndpoint destination) =>
        protocol == 6 ? Raw.Tcp(source, destination, TcpFlags.Syn, 9000) : Raw.Udp(source, destination, [1, 2, 3]);
}
