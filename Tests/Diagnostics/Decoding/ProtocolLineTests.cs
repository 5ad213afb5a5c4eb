using System.Net;
using FwRedirect.Diagnostics.Capture;
using FwRedirect.Diagnostics.Decoding;

namespace FwRedirect.Tests.Diagnostics.Decoding;

[TestClass]
public sealed class ProtocolLineTests
{
    private static readonly IPEndPoint One = IPEndPoint.Parse("10.0.0.1:4000"), Other = IPEndPoint.Parse("10.0.0.2:80");

    [TestMethod]
    [DataRow(0, 1, "DNS: Success, no records for x.contoso.com")]
    [DataRow(1, 1, "DNS: Format Error, x.contoso.com")]
    [DataRow(2, 1, "DNS: Server Failure, x.contoso.com")]
    [DataRow(3, 1, "DNS: Name Error, x.contoso.com")]
    [DataRow(5, 28, "DNS: Refused, x.contoso.com (AAAA)")]
    public void DnsAnswersSayWhatCameOfIt(int code, int type, string line) =>
        Assert.AreEqual(line, DnsMessage.Describe(PacketBytes.Dns("x.contoso.com", response: true, code, (ushort)type)));

    [TestMethod]
    public void DnsOverTcpAndSeveralAddresses()
    {
        var trace = new TraceBuilder();
        var answer = PacketBytes.Dns("ftp.contoso.com", response: true, addresses: ["131.107.0.21", "131.107.0.22"]);
        trace.Segment("131.107.0.2:53", "131.107.0.19:1025", [(byte)(answer.Length >> 8), (byte)answer.Length, .. answer]);
        Assert.AreEqual("DNS: Success, 131.107.0.21, 131.107.0.22", trace.Descriptions().Single());
    }

    [TestMethod]
    public void ADnsNameThatPointsAtItselfEnds() =>
        Assert.AreEqual("DNS: Damaged message, Len=18", DnsMessage.Describe([0, 1, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0xC0, 12, 0, 1, 0, 1]));

    [TestMethod]
    [DataRow(PacketBytes.Ack, "TCP:Flags=...A...., SrcPort=4000, DstPort=80")]
    [DataRow((byte)(PacketBytes.Ack | PacketBytes.Fin), "TCP:Flags=...A...F, SrcPort=4000, DstPort=80")]
    [DataRow((byte)(PacketBytes.Ack | PacketBytes.Rst), "TCP:Flags=...A.R.., SrcPort=4000, DstPort=80")]
    [DataRow((byte)0xFF, "TCP:Flags=CEUAPRSF, SrcPort=4000, DstPort=80")]
    public void TcpFlagsStandInEightColumns(byte flags, string line) => Assert.AreEqual(line, Line(PacketBytes.Tcp(One, Other, 1, 1, flags)));

    [TestMethod]
    public void UnknownPayloadsHaveTheirLength()
    {
        Assert.AreEqual("TCP:Flags=...A...., SrcPort=4000, DstPort=80, Len=3", Line(PacketBytes.Tcp(One, Other, 1, 1, PacketBytes.Ack, "abc"u8, options: true)));
        Assert.AreEqual("UDP:SrcPort=4000, DstPort=80, Len=3", Line(PacketBytes.Udp(One, Other, "abc"u8)));
        Assert.AreEqual("IPv4:Protocol=47, Len=9", Line(PacketBytes.Ip(One.Address, Other.Address, 47, new byte[9])));
        Assert.AreEqual("IPv6:Protocol=89, Len=9", Line(PacketBytes.Ip(IPAddress.IPv6Loopback, IPAddress.IPv6Loopback, 89, new byte[9])));
        Assert.AreEqual("ICMP:Echo Request", Line(PacketBytes.Ip(One.Address, Other.Address, 1, [8, 0, 0, 0])));
    }

    [TestMethod]
    public void AnIcmpErrorNamesWhatItIsAbout()
    {
        byte[] error = [3, 1, 0, 0, 0, 0, 0, 0, .. PacketBytes.Tcp(One, Other, 1, 0, PacketBytes.Syn)];
        Assert.AreEqual("ICMP:Destination Unreachable, Host, about TCP 10.0.0.1/4000 to 10.0.0.2/80", Line(PacketBytes.Ip(Other.Address, One.Address, 1, error)));
    }

    [TestMethod]
    public void FragmentsAreNamed()
    {
        Assert.AreEqual("IPv4:Fragment, Id=0x1234, Offset=0, More fragments, Protocol=17, Len=16",
            Line(PacketBytes.Ip(One.Address, Other.Address, 17, new byte[16], fragment: 0x2000)));
        Assert.AreEqual("IPv4:Fragment, Id=0x1234, Offset=1480, Protocol=17, Len=8",
            Line(PacketBytes.Ip(One.Address, Other.Address, 17, new byte[8], fragment: 1480 / 8)));
        Assert.AreEqual("IPv6:Fragment, Id=0x0007, Offset=8, More fragments, Protocol=17, Len=4",
            Line(PacketBytes.Ip(IPAddress.IPv6Loopback, IPAddress.IPv6Loopback, 44, [17, 0, 0, 9, 0, 0, 0, 7, 1, 2, 3, 4])));
    }

    [TestMethod]
    public void EveryLinkTypeComesOff()
    {
        var packet = PacketBytes.Udp(One, Other, "abc"u8);
        const string Expected = "UDP:SrcPort=4000, DstPort=80, Len=3";
        byte[] ethernet = [2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1];
        Assert.AreEqual(Expected, Line([.. ethernet, 8, 0, .. packet, 0, 0, 0, 0], LinkType.Ethernet), "padding is no payload");
        Assert.AreEqual(Expected, Line([.. ethernet, 0x81, 0, 0, 7, 8, 0, .. packet], LinkType.Ethernet));
        Assert.AreEqual(Expected, Line([.. ethernet, 0x88, 0xA8, 0, 7, 0x81, 0, 0, 8, 8, 0, .. packet], LinkType.Ethernet));
        Assert.AreEqual(Expected, Line([0, 0, 0, 1, 0, 6, 2, 0, 0, 0, 0, 1, 0, 0, 8, 0, .. packet], LinkType.LinuxCooked));
        Assert.AreEqual(Expected, Line([8, 0, 0, 0, 0, 0, 0, 2, 0, 1, 0, 6, 2, 0, 0, 0, 0, 1, 0, 0, .. packet], LinkType.LinuxCooked2));
        Assert.AreEqual(Expected, Line([2, 0, 0, 0, .. packet], LinkType.Null));
        Assert.AreEqual(Expected, Line(packet, LinkType.RawInProcess));
    }

    [TestMethod]
    public void BelowIpTheHardwareAddressesAreShown()
    {
        byte[] ethernet = [2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1];
        byte[] arp = [8, 6, 0, 1, 8, 0, 6, 4, 0, 2, 2, 0, 0, 0, 0, 1, 10, 0, 0, 1, 2, 0, 0, 0, 0, 2, 10, 0, 0, 2];
        Assert.AreEqual("ARP:Response, 10.0.0.1 at 020000000001", Line([.. ethernet, .. arp], LinkType.Ethernet));
        var lldp = Decode([.. ethernet, 0x88, 0xCC, 1, 2, 3], LinkType.Ethernet);
        Assert.AreEqual(("02-00-00-00-00-01", "02-00-00-00-00-02", "Ethernet:EtherType=0x88CC, Len=3"), (lldp.Source, lldp.Destination, lldp.Description));
        Assert.AreEqual("Link:Type 147, Len=4", Line([1, 2, 3, 4], (LinkType)147));
        Assert.AreEqual("IPv4:Damaged header, Len=3", Line([0x45, 0, 0], LinkType.Raw));
    }

    private static string Line(byte[] packet, LinkType linkType = LinkType.Raw) => Decode(packet, linkType).Description;

    private static DecodedLine Decode(byte[] packet, LinkType linkType) =>
        new PacketDecoder(DecodeOptions.Default).Decode(new CapturedPacket(DateTimeOffset.UnixEpoch, linkType, packet, packet.Length)).Single();
}
