using CsCheck;
using FwRedirect.Diagnostics.Capture;
using FwRedirect.Diagnostics.Decoding;

namespace FwRedirect.Tests.Diagnostics.Decoding;

/// <summary>Nothing that a packet or a file contains throws, and every packet has at least one line.</summary>
[TestClass]
public sealed class HostileCaptureTests
{
    private static readonly int[] LinkTypes = [0, 1, 12, 101, 108, 113, 228, 229, 276, 999];
    private static readonly byte[] Session = ArticleSession.Redirected().File;

    [TestMethod]
    public void RandomBytesOnEveryLinkType() =>
        Gen.Select(Gen.Byte.Array[0, 120], Gen.Int[0, LinkTypes.Length - 1]).Sample((bytes, link) =>
        {
            var lines = new PacketDecoder(DecodeOptions.Default).Decode(new CapturedPacket(DateTimeOffset.UnixEpoch, (LinkType)LinkTypes[link], bytes, bytes.Length));
            Assert.IsGreaterThan(0, lines.Count);
        }, iter: 20_000);

    [TestMethod]
    public void PacketsOfTheSessionCutAnywhere()
    {
        foreach (var packet in Packets())
        {
            for (var length = 0; length < packet.Data.Length; length++)
            {
                var decoder = new PacketDecoder(DecodeOptions.Default);
                Assert.IsGreaterThan(0, decoder.Decode(packet with { Data = packet.Data[..length] }).Count);
                Assert.IsGreaterThan(0, decoder.Decode(packet).Count);
            }
        }
    }

    [TestMethod]
    public void TheSessionWithDamagedBytesDecodesToTheEnd()
    {
        var packets = Packets();
        Gen.Select(Gen.Int[0, packets.Count - 1], Gen.Int[0, 2000], Gen.Byte).Array[1, 40].Sample(damages =>
        {
            var decoder = new PacketDecoder(DecodeOptions.Default);
            var damaged = packets.ConvertAll(p => p with { Data = p.Data.ToArray() });
            foreach (var (index, at, value) in damages)
            {
                var bytes = damaged[index].Data.ToArray();
                bytes[at % bytes.Length] = value;
                damaged[index] = damaged[index] with { Data = bytes };
            }
            foreach (var packet in damaged)
                Assert.IsGreaterThan(0, decoder.Decode(packet).Count);
            Assert.IsNotNull(decoder.Summarise());
        }, iter: 1000);
    }

    [TestMethod]
    public void TheFileCutAnywhereGivesItsWholePackets()
    {
        var all = Packets().Count;
        for (var length = 24; length < Session.Length; length += 7)
        {
            using var reader = CaptureReader.Open(new MemoryStream(Session, 0, length), "cut.pcap");
            var count = CaptureMerge.InOrder([reader]).Count();
            Assert.IsLessThan(all, count);
            Assert.IsTrue(reader.Damage is null || reader.CutShort, reader.Damage);
        }
    }

    private static List<CapturedPacket> Packets()
    {
        using var reader = CaptureReader.Open(new MemoryStream(Session), "session.pcap");
        return [.. CaptureMerge.InOrder([reader])];
    }
}
