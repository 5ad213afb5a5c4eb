using System.Buffers;
using System.Net;
using System.Net.Sockets;
using FwRedirect.ControlChannel.Messages;
using FwRedirect.ControlChannel.Wire;

namespace FwRedirect.Tests.ControlChannel.Messages;

[TestClass]
public sealed class RwsPacketTests
{
    [TestMethod]
    public void EveryMessagePrintsTheArticlesLine()
    {
        foreach (var (message, line) in Samples.All)
            Assert.AreEqual(line, message.Describe());
    }

    [TestMethod]
    public void EveryOpCodeHasASample()
    {
        CollectionAssert.AreEquivalent(Enum.GetValues<OpCode>(), Samples.All.Select(s => s.Message.OpCode).Distinct().ToArray());
    }

    [TestMethod]
    public void EveryMessageComesBackAsItWas()
    {
        foreach (var (message, line) in Samples.All)
        {
            var bytes = RwsPacket.ToArray(message);
            var back = RwsPacket.Read(bytes);
            Assert.AreEqual(line, back.Describe());
            Assert.AreEqual(message.GetType(), back.GetType());
            CollectionAssert.AreEqual(bytes, RwsPacket.ToArray(back), line);
        }
    }

    /// <summary>The bytes of PROTOCOL.md's worked example: a change here is a change of the protocol.</summary>
    [TestMethod]
    public void AConnectRequestIsTheseBytes()
    {
        var connect = Samples.All.Single(s => s.Message is ConnectRequest { Association: null }).Message;
        var expected =
            "00 525753 50000000 0000 0000 0000 2000 21000000 00000200 00000000 00000000 00000000"  // header
            + "04 836B0015 1500"                        // Destination 131.107.0.21/21
            + "04 C0A80002 EC05"                        // Source 192.168.0.2/1516
            + "0400 0F00 6674702E636F6E746F736F2E636F6D" // DestinationName "ftp.contoso.com"
            + "0700 6674702E657865 0000";               // Application "ftp.exe", no ClientInfo
        Assert.AreEqual(expected.Replace(" ", ""), Convert.ToHexString(RwsPacket.ToArray(connect)));
    }

    [TestMethod]
    public void SeveralPacketsInOneBufferAndOneOverManySegments()
    {
        var stream = Samples.All.SelectMany(s => RwsPacket.ToArray(s.Message)).ToArray();
        var buffer = new ReadOnlySequence<byte>(stream);
        var lines = new List<string>();
        while (RwsPacket.TryRead(ref buffer, out var message))
            lines.Add(message!.Describe());
        CollectionAssert.AreEqual(Samples.All.Select(s => s.Line).ToArray(), lines);
        Assert.IsTrue(buffer.IsEmpty);

        var growing = new List<string>();
        var start = 0;
        for (var end = 1; end <= stream.Length; end++)
        {
            var part = new ReadOnlySequence<byte>(stream, start, end - start);
            while (RwsPacket.TryRead(ref part, out var message))
                growing.Add(message!.Describe());
            start = end - (int)part.Length;
        }

        CollectionAssert.AreEqual(lines, growing);
    }

    /// <summary>Issue 2, line 7: no truncation and no change of one byte leads to anything but a message, "more bytes wanted", or the one exception type.</summary>
    [TestMethod]
    public void EveryTruncationAndEveryChangedByteFailsInOneWay()
    {
        foreach (var (message, _) in Samples.All)
        {
            var bytes = RwsPacket.ToArray(message);
            for (var length = 0; length < bytes.Length; length++)
            {
                ReadOrDefect(bytes.AsSpan(0, length));
                var sequence = new ReadOnlySequence<byte>(bytes, 0, length);
                Assert.IsFalse(RwsPacket.TryRead(ref sequence, out _), "a part is never a packet");
            }

            for (var at = 0; at < bytes.Length; at++)
            {
                var original = bytes[at];
                for (var value = 0; value < 256; value++)
                {
                    bytes[at] = (byte)value;
                    ReadOrDefect(bytes);
                }

                bytes[at] = original;
            }
        }
    }

    [TestMethod]
    public void ADefectNamesItsField()
    {
        var bytes = RwsPacket.ToArray(Samples.All.Single(s => s.Message is GetHostByName).Message);
        bytes[RwsHeader.Size] = 0xFF;
        bytes[RwsHeader.Size + 1] = 0xFF;
        StringAssert.Contains(Assert.ThrowsExactly<RwsFormatException>(() => RwsPacket.Read(bytes)).Message, "Name: length 65535");
    }

    [TestMethod]
    public void AControlCharacterInANameIsRefused()
    {
        var bytes = RwsPacket.ToArray(new GetHostByName("a\nb") { Application = "x" });
        StringAssert.Contains(Assert.ThrowsExactly<RwsFormatException>(() => RwsPacket.Read(bytes)).Message, "U+000A");
    }

    [TestMethod]
    public void AnUnknownTagIsSkippedUnlessItIsCritical()
    {
        Assert.AreEqual("x", ((GetHostByName)RwsPacket.Read(WithTag(0x7F01))).Name);
        StringAssert.Contains(Assert.ThrowsExactly<RwsFormatException>(() => RwsPacket.Read(WithTag(0xFF01))).Message, "0xFF01");
    }

    [TestMethod]
    public void AnAssociationIsOfUdpOnly()
    {
        var bytes = RwsPacket.ToArray(Samples.All.Single(s => s.Message is ConnectRequest { Association: not null }).Message);
        Assert.AreEqual(new Association(new ObjectId(0x50200)), ((ConnectRequest)RwsPacket.Read(bytes)).Association);
        // Behind two endpoints, the tag and its length.
        bytes[RwsHeader.Size + 18] = 6;
        StringAssert.Contains(Assert.ThrowsExactly<RwsFormatException>(() => RwsPacket.Read(bytes)).Message, "IP protocol 6");
    }

    [TestMethod]
    public void AResponseWithoutProtocolsBindsTcpOnly()
    {
        var response = (ChannelSetupResponse)Samples.All.First(s => s.Message is ChannelSetupResponse).Message;
        CollectionAssert.AreEqual(new byte[] { 6, 17 }, ((ChannelSetupResponse)RwsPacket.Read(RwsPacket.ToArray(response))).Protocols.ToArray());
        var silent = RwsPacket.ToArray(response with { Protocols = [6] });
        Assert.AreEqual(RwsPacket.ToArray(response).Length - 6, silent.Length, "what is the default is not sent");
        CollectionAssert.AreEqual(new byte[] { 6 }, ((ChannelSetupResponse)RwsPacket.Read(silent)).Protocols.ToArray());
    }

    [TestMethod]
    public void AResponseTellsTheAddressOfTheOtherIPVersion()
    {
        var silent = (ChannelSetupResponse)Samples.All.First(s => s.Message is ChannelSetupResponse).Message;
        Assert.IsNull(((ChannelSetupResponse)RwsPacket.Read(RwsPacket.ToArray(silent))).OtherInsideAddress);
        foreach (var address in new[] { IPAddress.Parse("fd00:c0a8::1"), IPAddress.Parse("192.168.0.1") })
        {
            var packet = RwsPacket.ToArray(silent with { OtherInsideAddress = address });
            Assert.AreEqual(address, ((ChannelSetupResponse)RwsPacket.Read(packet)).OtherInsideAddress);
            // The tag in front of its length and the address: 0x0038.
            var tag = packet.AsSpan().LastIndexOf(Convert.FromHexString(address.AddressFamily == AddressFamily.InterNetwork ? "3800050004" : "3800110006"));
            packet[tag + 4] = 5;
            StringAssert.Contains(Assert.ThrowsExactly<RwsFormatException>(() => RwsPacket.Read(packet)).Message, "OtherInsideAddress");
        }
    }

    private static byte[] WithTag(ushort tag)
    {
        var body = new ArrayBufferWriter<byte>();
        var writer = new RwsWriter(body);
        writer.WriteString("Name", "x", 10);
        writer.WriteUInt16(tag);
        writer.WriteBytes("Value", [1, 2, 3], 10);
        var dataLength = body.WrittenCount;
        writer.WriteString("Application", "x", 10);
        writer.WriteUInt16(0);
        var packet = new byte[RwsHeader.Size + body.WrittenCount];
        new RwsHeader(packet.Length, PacketFlags.None, OpCode.GetHostByName, dataLength, 0, 0, 0, 0).Write(packet);
        body.WrittenSpan.CopyTo(packet.AsSpan(RwsHeader.Size));
        return packet;
    }

    private static void ReadOrDefect(ReadOnlySpan<byte> packet)
    {
        try
        {
            _ = RwsPacket.Read(packet).Describe();
        }
        catch (RwsFormatException defect)
        {
            Assert.IsGreaterThan(10, defect.Message.Length);
        }
    }
}
