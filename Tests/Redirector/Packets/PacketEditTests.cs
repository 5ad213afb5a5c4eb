using CsCheck;
using FwRedirect.Redirector.Packets;
using PacketDotNet;

namespace FwRedirect.Tests.Redirector.Packets;

[TestClass]
public sealed class PacketEditTests
{
    // At well-known ports PacketDotNet 1.4.8 takes the payload for another protocol's and runs out of random bytes (Wake-on-LAN at 0, VXLAN at 4789).
    private static readonly Gen<PacketEndpoint> GenV4 = Gen.Select(Gen.UInt, Gen.UShort[10_000, ushort.MaxValue], PacketEndpoint.FromIPv4);
    private static readonly Gen<PacketEndpoint> GenV6 =
        Gen.Select(Gen.ULong, Gen.ULong, Gen.UShort, (high, low, port) => new PacketEndpoint(new UInt128(high | 0x2000_0000_0000_0000, low), port));
    private static readonly Gen<byte[]> GenOptions = Gen.Int[0, 10].Select(words => Enumerable.Repeat((byte)1, words * 4).ToArray());
    private static readonly Gen<byte[]> GenPayload = Gen.OneOf(Gen.Byte.Array[0, 40], Gen.Byte.Array[0, 1461]);
    private static readonly Gen<ChecksumState> GenState =
        Gen.Int[0, 3].Select(bits => (ChecksumState)bits);

    [TestMethod]
    public void EveryEditLeavesWhatAnotherLibraryCallsValid() =>
        Gen.Select(GenV4, GenV4, GenV4, GenPayload, GenOptions, GenState, Gen.Select(Gen.Bool, Gen.Bool, Gen.Bool)).Sample(
            (source, destination, to, payload, options, state, choice) =>
            {
                var (tcp, atSource, udpChecksum) = choice;
                // An unset UDP checksum means "none" only where the state calls it true.
                var noChecksum = !tcp && !udpChecksum && state.HasFlag(ChecksumState.Transport);
                var packet = tcp
                    ? Raw.Tcp(source, destination, TcpFlags.Ack, 1, 2, payload, options)
                    : Raw.Udp(source, destination, payload, !noChecksum, options);
                var expected = tcp
                    ? Raw.Tcp(atSource ? to : source, atSource ? destination : to, TcpFlags.Ack, 1, 2, payload, options)
                    : Raw.Udp(atSource ? to : source, atSource ? destination : to, payload, !noChecksum, options);
                Raw.Spoil(packet, state);
                if (atSource)
                    PacketEdit.SetSource(packet, to, ref state);
                else
                    PacketEdit.SetDestination(packet, to, ref state);
                CollectionAssert.AreEqual(expected, packet);
                Assert.AreEqual(ChecksumState.Valid, state);
                var parsed = new IPv4Packet(new PacketDotNet.Utils.ByteArraySegment(packet));
                Assert.IsTrue(parsed.ValidChecksum);
                Assert.AreEqual((atSource ? to : source).ToIPEndPoint().Address, parsed.SourceAddress);
                Assert.AreEqual((atSource ? destination : to).ToIPEndPoint().Address, parsed.DestinationAddress);
                if (tcp)
                    Assert.IsTrue(parsed.Extract<TcpPacket>().ValidChecksum);
                else if (!noChecksum)
                    Assert.IsTrue(parsed.Extract<UdpPacket>().ValidChecksum);
            },
            iter: 20_000);

    [TestMethod]
    public void IPv6IsEditedToo() =>
        Gen.Select(GenV6, GenV6, GenV6, GenPayload, GenState, Gen.Bool).Sample(
            (source, destination, to, payload, state, tcp) =>
            {
                var packet = tcp ? Raw.Tcp(source, destination, TcpFlags.Ack, 1, 2, payload) : Raw.Udp(source, destination, payload);
                Raw.Spoil(packet, state);
                PacketEdit.SetDestination(packet, to, ref state);
                CollectionAssert.AreEqual(
                    tcp ? Raw.Tcp(source, to, TcpFlags.Ack, 1, 2, payload) : Raw.Udp(source, to, payload), packet);
            },
            iter: 5_000);

    [TestMethod]
    public void OutAndBackRestoresEveryByte() =>
        Gen.Select(GenV4, GenV4, GenV4, GenPayload, GenOptions, Gen.Bool).Sample(
            (source, peer, inside, payload, options, tcp) =>
            {
                var packet = tcp ? Raw.Tcp(source, peer, TcpFlags.Ack, 1, 2, payload, options) : Raw.Udp(source, peer, payload, ipOptions: options);
                var before = packet.ToArray();
                var state = ChecksumState.Valid;
                PacketEdit.SetDestination(packet, inside, ref state);
                PacketEdit.SetDestination(packet, peer, ref state);
                CollectionAssert.AreEqual(before, packet);
            },
            iter: 10_000);

    [TestMethod]
    [DataRow(ChecksumState.Valid)]
    [DataRow(ChecksumState.None)]
    public void UdpChecksumThatComesOutAsZeroIsSentAsOnes(ChecksumState state)
    {
        var source = Raw.At("192.168.0.2:1515");
        var to = Enumerable.Range(0, 65_536).Select(port => Raw.At($"192.168.0.1:{port}"))
            .First(endpoint => Raw.Udp(source, endpoint, [1, 2, 3])[26..28] is [0xFF, 0xFF]);
        var packet = Raw.Udp(source, Raw.At("131.107.0.2:53"), [1, 2, 3]);
        PacketEdit.SetDestination(packet, to, ref state);
        CollectionAssert.AreEqual(Raw.Udp(source, to, [1, 2, 3]), packet);
    }

    [TestMethod]
    public void DamagedPacketStaysDamaged()
    {
        var packet = Raw.Tcp(Raw.At("10.0.0.1:1"), Raw.At("10.0.0.2:2"), TcpFlags.Ack, 1, 2, [1, 2, 3, 4]);
        packet[^1] ^= 0x10;
        var state = ChecksumState.Valid;
        PacketEdit.SetDestination(packet, Raw.At("10.9.0.2:9"), ref state);
        Assert.IsFalse(new IPv4Packet(new PacketDotNet.Utils.ByteArraySegment(packet)).Extract<TcpPacket>().ValidChecksum);
    }
}
