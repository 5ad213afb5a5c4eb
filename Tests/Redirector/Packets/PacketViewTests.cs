using CsCheck;
using FwRedirect.Redirector.Packets;

namespace FwRedirect.Tests.Redirector.Packets;

[TestClass]
public sealed class PacketViewTests
{
    private static readonly PacketEndpoint Source = Raw.At("192.168.0.2:1515");
    private static readonly PacketEndpoint Destination = Raw.At("131.107.0.21:21");

    [TestMethod]
    public void TcpFieldsAreWhereTheyShouldBe()
    {
        var packet = Raw.Tcp(Source, Destination, TcpFlags.Fin | TcpFlags.Ack, 10, 20, [1, 2, 3], [1, 1, 1, 0]);
        var view = new PacketView([.. packet, 0xEE, 0xEE]);
        Assert.AreEqual(IpProtocol.Tcp, view.Protocol);
        Assert.AreEqual(Source, view.Source);
        Assert.AreEqual(Destination, view.Destination);
        Assert.AreEqual(TcpFlags.Fin | TcpFlags.Ack, view.Flags);
        Assert.AreEqual(10u, view.Sequence);
        Assert.AreEqual(20u, view.Acknowledgement);
        Assert.AreEqual(14u, view.NextSequence);
        Assert.AreEqual(packet.Length, view.Length);
        CollectionAssert.AreEqual(new byte[] { 1, 2, 3 }, view.PayloadBytes.ToArray());
    }

    [TestMethod]
    public void IPv6WithExtensionHeadersIsRead()
    {
        var packet = Raw.Udp(Raw.At("[fd00::2]:53"), Raw.At("[fd00::1]:99"), [7]);
        byte[] extended = [.. packet[..40], 17, 0, 1, 4, 0, 0, 0, 0, .. packet[40..]];
        extended[6] = 60;
        extended[5] += 8;
        var view = new PacketView(extended);
        Assert.AreEqual(IpProtocol.Udp, view.Protocol);
        Assert.AreEqual(Raw.At("[fd00::2]:53"), view.Source);
        Assert.AreEqual(48, view.TransportOffset);
        extended[6] = 43;
        Assert.AreEqual(IpProtocol.None, new PacketView(extended).Protocol);
    }

    [TestMethod]
    [DataRow(0, 0x44, DisplayName = "header shorter than 20")]
    [DataRow(0, 0x4F, DisplayName = "header longer than the packet")]
    [DataRow(2, 0xFF, DisplayName = "total length beyond the packet")]
    [DataRow(3, 0x13, DisplayName = "total length shorter than the header")]
    [DataRow(6, 0x20, DisplayName = "first fragment")]
    [DataRow(7, 0x01, DisplayName = "later fragment")]
    [DataRow(9, 47, DisplayName = "GRE")]
    [DataRow(32, 0x40, DisplayName = "TCP header shorter than 20")]
    [DataRow(32, 0xF0, DisplayName = "TCP header beyond the packet")]
    public void WhatDoesNotHoldIsNone(int at, int value)
    {
        var packet = Raw.Tcp(Source, Destination, TcpFlags.Ack, 1, 2, [1, 2, 3]);
        Assert.AreEqual(IpProtocol.Tcp, new PacketView(packet).Protocol);
        packet[at] = (byte)value;
        Assert.AreEqual(IpProtocol.None, new PacketView(packet).Protocol);
    }

    [TestMethod]
    public void KeyOfAPacketIsTheKeyOfItsEndpoints()
    {
        var key = FlowKey.Of(new PacketView(Raw.Tcp(Source, Destination, TcpFlags.Ack)), PacketDirection.Inbound);
        Assert.AreEqual(new FlowKey(PacketDirection.Inbound, IpProtocol.Tcp, Source, Destination), key);
        Assert.AreEqual(new FlowKey(PacketDirection.Inbound, IpProtocol.Tcp, Source, Destination).GetHashCode(), key.GetHashCode());
        Assert.AreNotEqual(new FlowKey(PacketDirection.Outbound, IpProtocol.Tcp, Source, Destination), key);
        Assert.AreNotEqual(new FlowKey(PacketDirection.Inbound, IpProtocol.Udp, Source, Destination), key);
        Assert.AreNotEqual(new FlowKey(PacketDirection.Inbound, IpProtocol.Tcp, Destination, Source), key);
    }

    [TestMethod]
    public void NothingThrows()
    {
        byte[][] seeds =
        [
            Raw.Tcp(Source, Destination, TcpFlags.Syn), Raw.Udp(Source, Destination, [1, 2, 3]),
            Raw.Icmp(Source, Destination, 3, 4, Raw.Tcp(Source, Destination, TcpFlags.Syn)),
            Raw.Udp(Raw.At("[fd00::2]:53"), Raw.At("[fd00::1]:99"), [7]),
        ];
        Gen.Select(Gen.Int[0, seeds.Length - 1], Gen.Int[0, 80], Gen.Select(Gen.Int[0, 70], Gen.Byte).Array[0, 4]).Sample(
            (seed, length, changes) =>
            {
                var packet = seeds[seed].ToArray();
                foreach (var (at, value) in changes)
                    packet[at % packet.Length] = value;
                packet = packet[..Math.Min(length, packet.Length)];
                var view = new PacketView(packet);
                if (view.Protocol == IpProtocol.None)
                    return true;
                _ = view.Source;
                _ = view.Destination;
                if (view.Protocol == IpProtocol.Tcp)
                    _ = view.NextSequence;
                var state = ChecksumState.None;
                PacketEdit.Complete(packet, view, ref state);
                return view.PayloadOffset <= view.Length && view.Length <= packet.Length;
            },
            iter: 50_000);
    }

    [TestMethod]
    public void ChecksumIsTheSameAsAPlainLoopsAtEveryLength()
    {
        var data = new byte[2_100];
        new Random(1).NextBytes(data);
        data.AsSpan(500, 600).Fill(0xFF);
        for (var length = 0; length <= 2_048; length++)
        {
            var span = data.AsSpan(length % 7, length);
            var sum = (ushort)~InternetChecksum.Fold(InternetChecksum.Sum(span));
            Assert.AreEqual(Raw.Checksum(span), System.Buffers.Binary.BinaryPrimitives.ReverseEndianness(sum), $"{length}");
        }
    }
}
