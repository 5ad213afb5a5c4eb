using FwRedirect.Redirector.Diversion;
using FwRedirect.Redirector.Engine;
using FwRedirect.Redirector.Packets;
using FwRedirect.Tests.Redirector.Packets;
using static FwRedirect.Tests.Redirector.Engine.EngineFixture;

namespace FwRedirect.Tests.Redirector.Engine;

/// <summary>What the redirector does not change: everything but two addresses, two ports and the checksums over them.</summary>
[TestClass]
public sealed class TransparencyTests
{
    // MSS 1460, SACK permitted, timestamps, no operation, window scale 7: what Linux sends.
    private static readonly byte[] LinuxOptions = [2, 4, 5, 0xB4, 4, 2, 8, 10, 1, 2, 3, 4, 0, 0, 0, 0, 1, 3, 3, 7];

    // With a Fast Open cookie request (RFC 7413), and one of eight bytes.
    private static readonly byte[] FastOpenRequest = [.. LinuxOptions, 34, 2, 1, 1];
    private static readonly byte[] FastOpenCookie = [.. LinuxOptions, 34, 10, 1, 2, 3, 4, 5, 6, 7, 8, 1, 1];

    // MSS, no operation, window scale 8, no operations, SACK permitted: what Windows sends.
    private static readonly byte[] WindowsOptions = [2, 4, 5, 0xB4, 1, 3, 3, 8, 1, 1, 4, 2];

    private readonly EngineFixture _fixture = new();

    public static IEnumerable<object[]> Handshakes => new[] { LinuxOptions, WindowsOptions, FastOpenRequest, FastOpenCookie, [] }.Select(o => new object[] { o });

    [TestMethod]
    [DynamicData(nameof(Handshakes))]
    public void OptionsOfSynAndSynAckPassByteForByte(byte[] options)
    {
        Assert.AreEqual(PacketVerdict.Hold, _fixture.Out(Raw.Tcp(Client, Peer, TcpFlags.Syn | TcpFlags.Ece | TcpFlags.Cwr, 1000, tcpOptions: options)));
        var flow = _fixture.Take().Single().Flow!;
        Assert.IsTrue(_fixture.Engine.Connected(flow, Inside, Client, _fixture.Now, _fixture.Actions));
        CollectionAssert.AreEqual(
            Raw.Tcp(Client, Inside, TcpFlags.Syn | TcpFlags.Ece | TcpFlags.Cwr, 1000, tcpOptions: options), _fixture.Take().Single().Packet);

        var answer = Raw.Tcp(Inside, Client, TcpFlags.Syn | TcpFlags.Ack | TcpFlags.Ece, 5000, 1001, tcpOptions: options);
        Rewritten(_fixture.In(answer));
        CollectionAssert.AreEqual(Raw.Tcp(Peer, Client, TcpFlags.Syn | TcpFlags.Ack | TcpFlags.Ece, 5000, 1001, tcpOptions: options), answer);
    }

    [TestMethod]
    public void SelectiveAcknowledgementsAndTimestampsPass()
    {
        byte[] options = [1, 1, 8, 10, 9, 9, 9, 9, 8, 8, 8, 8, 1, 1, 5, 10, 0, 0, 0x13, 0x8A, 0, 0, 0x13, 0x8B];
        _fixture.Establish();
        var packet = Raw.Tcp(Client, Peer, TcpFlags.Ack, 1001, 5001, tcpOptions: options);
        Rewritten(_fixture.Out(packet));
        CollectionAssert.AreEqual(Raw.Tcp(Client, Inside, TcpFlags.Ack, 1001, 5001, tcpOptions: options), packet);
    }

    /// <summary>RFC 7413: the data waits with its SYN and goes out with it; the program's next byte is the one behind it.</summary>
    [TestMethod]
    public void DataInASynIsHeldAndReleasedWithIt()
    {
        byte[] request = [.. "GET / HTTP/1.0\r\n\r\n"u8];
        Assert.AreEqual(PacketVerdict.Hold, _fixture.Out(Raw.Tcp(Client, Peer, TcpFlags.Syn, 1000, payload: request, tcpOptions: FastOpenCookie)));
        var flow = _fixture.Take().Single().Flow!;
        Assert.IsTrue(_fixture.Engine.Connected(flow, Inside, Client, _fixture.Now, _fixture.Actions));
        CollectionAssert.AreEqual(
            Raw.Tcp(Client, Inside, TcpFlags.Syn, 1000, payload: request, tcpOptions: FastOpenCookie), _fixture.Take().Single().Packet);
        Assert.AreEqual(1001u + (uint)request.Length, flow.Outbound.NextSequence);

        // The other side takes it, and answers with data in its SYN-ACK; or it takes the SYN alone, and the data comes again.
        _fixture.FromFirewall(TcpFlags.Syn | TcpFlags.Ack, 5000, 1001 + (uint)request.Length, [1, 2]);
        _fixture.FromProgram(TcpFlags.Ack, 1001, 5003, request);
        Assert.AreEqual(FlowState.Established, flow.State);
        _fixture.FromProgram(TcpFlags.Rst, 1001 + (uint)request.Length, 0);
        Assert.AreEqual(FlowEnd.ResetByProgram, flow.End);
    }

    [TestMethod]
    public void ARefusedSynWithDataIsRefusedForAllOfIt()
    {
        Assert.AreEqual(PacketVerdict.Hold, _fixture.Out(Raw.Tcp(Client, Peer, TcpFlags.Syn, 1000, payload: [1, 2, 3], tcpOptions: FastOpenCookie)));
        _fixture.Engine.Refused(_fixture.Take().Single().Flow!, FlowRefusal.Reset, _fixture.Now, _fixture.Actions);
        var reset = new PacketView(_fixture.Take().Single(a => a.Kind == EngineActionKind.SendPacket).Packet);
        Assert.AreEqual(1004u, reset.Acknowledgement);
    }

    [TestMethod]
    [DataRow(new byte[] { 7, 7, 4, 0, 0, 0, 0, 0 }, DisplayName = "record route")]
    [DataRow(new byte[] { 0x94, 4, 0, 0 }, DisplayName = "router alert")]
    public void IpOptionsPass(byte[] options)
    {
        Assert.AreEqual(PacketVerdict.Hold, _fixture.Out(Raw.Tcp(Client, Peer, TcpFlags.Syn, 1000, ipOptions: options, tcpOptions: LinuxOptions)));
        var flow = _fixture.Take().Single().Flow!;
        Assert.IsTrue(_fixture.Engine.Connected(flow, Inside, Client, _fixture.Now, _fixture.Actions));
        CollectionAssert.AreEqual(Raw.Tcp(Client, Inside, TcpFlags.Syn, 1000, ipOptions: options, tcpOptions: LinuxOptions), _fixture.Take().Single().Packet);
        var answer = Raw.Tcp(Inside, Client, TcpFlags.Syn | TcpFlags.Ack, 5000, 1001, ipOptions: options);
        Rewritten(_fixture.In(answer));
        CollectionAssert.AreEqual(Raw.Tcp(Peer, Client, TcpFlags.Syn | TcpFlags.Ack, 5000, 1001, ipOptions: options), answer);
    }

    [TestMethod]
    public void UrgentDataKeepsItsPointer()
    {
        _fixture.Establish();
        var (packet, expected) = (Raw.Tcp(Client, Peer, TcpFlags.Ack | TcpFlags.Urg, 1001, 5001, [1, 2]), Raw.Tcp(Client, Inside, TcpFlags.Ack | TcpFlags.Urg, 1001, 5001, [1, 2]));
        // The pointer is in the checksum: one more in the one, one less in the other.
        (packet[39], expected[39]) = (2, 2);
        Rewritten(_fixture.Out(packet));
        CollectionAssert.AreEqual(expected, packet);
    }

    /// <summary>RFC 5382, REQ-2a: both sides' SYNs cross.</summary>
    [TestMethod]
    public void ASimultaneousOpenIsEstablished()
    {
        var flow = _fixture.Connect();
        _fixture.FromFirewall(TcpFlags.Syn, 5000, 0);
        _fixture.FromProgram(TcpFlags.Syn | TcpFlags.Ack, 1000, 5001);
        Assert.AreEqual(FlowState.Opening, flow.State);
        _fixture.FromFirewall(TcpFlags.Syn | TcpFlags.Ack, 5000, 1001);
        Assert.AreEqual(FlowState.Established, flow.State);
        _fixture.FromFirewall(TcpFlags.Rst, 5001, 0);
        Assert.AreEqual(FlowEnd.ResetByPeer, flow.End);
    }
}
