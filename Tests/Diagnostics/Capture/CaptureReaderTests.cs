using System.Buffers.Binary;
using FwRedirect.Diagnostics.Capture;

namespace FwRedirect.Tests.Diagnostics.Capture;

[TestClass]
public sealed class CaptureReaderTests
{
    private static readonly byte[] Packet = [1, 2, 3, 4, 5];
    private static readonly DateTimeOffset Time = DateTimeOffset.FromUnixTimeSeconds(1_700_000_000).AddTicks(1_234_567);

    [TestMethod]
    [DataRow(0xA1B2C3D4u, false, 123_456u, 1_234_560)]
    [DataRow(0xA1B2C3D4u, true, 123_456u, 1_234_560)]
    [DataRow(0xA1B23C4Du, false, 123_456_700u, 1_234_567)]
    [DataRow(0xA1B23C4Du, true, 123_456_700u, 1_234_567)]
    public void PcapInBothByteOrdersAndResolutions(uint magic, bool bigEndian, uint fraction, int ticks)
    {
        var file = Words(bigEndian, magic, bigEndian ? 0x00020004u : 0x00040002u, 0, 0, 262_144, 1, 1_700_000_000, fraction, 5, 60);
        var packet = Read([.. file, .. Packet]).Single();
        Assert.AreEqual((LinkType.Ethernet, 60), (packet.LinkType, packet.OriginalLength));
        Assert.AreEqual(DateTimeOffset.FromUnixTimeSeconds(1_700_000_000).AddTicks(ticks), packet.Time);
        CollectionAssert.AreEqual(Packet, packet.Data.ToArray());
    }

    [TestMethod]
    [DataRow(false)]
    [DataRow(true)]
    public void PcapNgWithTwoInterfacesAndAClockOfNanoseconds(bool bigEndian)
    {
        var nanoseconds = (ulong)1_700_000_000 * 1_000_000_000 + 123_456_700;
        byte[] ether = bigEndian ? [0, 1, 0, 0] : [1, 0, 0, 0], raw = bigEndian ? [0, 101, 0, 0] : [101, 0, 0, 0];
        byte[] resolution = bigEndian ? [0, 9, 0, 1, 9, 0, 0, 0] : [9, 0, 1, 0, 9, 0, 0, 0];
        byte[] file =
        [
            .. Block(bigEndian, 0x0A0D0D0A, Words(bigEndian, 0x1A2B3C4D, 0x00010000, 0xFFFFFFFF, 0xFFFFFFFF)),
            .. Block(bigEndian, 1, [.. ether, 0, 0, 0, 0]),
            .. Block(bigEndian, 1, [.. raw, 0, 0, 0, 0, .. resolution]),
            .. Block(bigEndian, 5, new byte[12]),
            .. Block(bigEndian, 6, [.. Words(bigEndian, 1, (uint)(nanoseconds >> 32), (uint)nanoseconds, 5, 60), .. Packet, 0, 0, 0]),
        ];
        var packet = Read(file).Single();
        Assert.AreEqual((LinkType.Raw, 60, Time), (packet.LinkType, packet.OriginalLength, packet.Time));
        CollectionAssert.AreEqual(Packet, packet.Data.ToArray());
    }

    [TestMethod]
    public void WhatIsNoCaptureIsAnErrorThatNamesTheFile()
    {
        byte[][] files = [[], [1, 2], "#!/bin/sh\n"u8.ToArray(), Words(false, 0xA1B2C3D4, 0x00040002), Words(false, 0x0A0D0D0A, 28, 7)];
        foreach (var file in files)
            Assert.StartsWith("x.pcap is not a capture file: ", Assert.ThrowsExactly<CaptureFormatException>(() => Read(file)).Message);
    }

    [TestMethod]
    public void ARecordThatClaimsTooMuchEndsTheReadingAndIsNamed()
    {
        var file = Words(false, 0xA1B2C3D4, 0x00040002, 0, 0, 262_144, 1, 1, 0, 0x7FFF_FFFF, 60);
        using var reader = CaptureReader.Open(new MemoryStream(file), "x.pcap");
        Assert.IsNull(reader.Read());
        Assert.IsNull(reader.Read());
        Assert.AreEqual("x.pcap: a record claims 2147483647 bytes; what follows can not be read, after packet 0.", reader.Damage);
        Assert.IsFalse(reader.CutShort);
    }

    [TestMethod]
    public void TwoCapturesBecomeOneInTheOrderOfTime()
    {
        static CaptureReader Capture(string name, params uint[] seconds)
        {
            var stream = new MemoryStream();
            var writer = new PcapWriter(stream, LinkType.Raw, 100);
            foreach (var second in seconds)
                writer.Write(second, 0, [(byte)second], 1);
            return CaptureReader.Open(new MemoryStream(stream.ToArray()), name);
        }
        using CaptureReader inside = Capture("inside", 1, 5, 3), outside = Capture("outside", 2, 4);
        CollectionAssert.AreEqual(new byte[] { 1, 2, 3, 4, 5 }, CaptureMerge.InOrder([inside, outside]).Select(p => p.Data.Span[0]).ToArray());
    }

    private static List<CapturedPacket> Read(byte[] file)
    {
        using var reader = CaptureReader.Open(new MemoryStream(file), "x.pcap");
        return [.. CaptureMerge.InOrder([reader])];
    }

    private static byte[] Block(bool bigEndian, uint type, byte[] body)
    {
        var length = (uint)body.Length + 12;
        return [.. Words(bigEndian, type, length), .. body, .. Words(bigEndian, length)];
    }

    private static byte[] Words(bool bigEndian, params uint[] words)
    {
        var bytes = new byte[words.Length * 4];
        for (var i = 0; i < words.Length; i++)
        {
            if (bigEndian)
                BinaryPrimitives.WriteUInt32BigEndian(bytes.AsSpan(i * 4), words[i]);
            else
                BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(i * 4), words[i]);
        }
        return bytes;
    }
}
