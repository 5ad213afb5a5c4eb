using System.Buffers.Binary;
using FwRedirect.Redirector.Packets;

namespace FwRedirect.Bench;

/// <summary>TCP segments and UDP datagrams of a given IP length, checksums complete.</summary>
internal static class SamplePacket
{
    public static readonly PacketEndpoint Client = PacketEndpoint.FromIPv4(0xC0A8_0002, 1515);
    public static readonly PacketEndpoint Peer = PacketEndpoint.FromIPv4(0x836B_0015, 21);
    public static readonly PacketEndpoint Inside = PacketEndpoint.FromIPv4(0xC0A8_0001, 6789);

    public static byte[] Tcp(PacketEndpoint source, PacketEndpoint destination, int length, TcpFlags flags)
    {
        var packet = IpHeader.NewPacket(source, destination, IpProtocol.Tcp, length - 20);
        BinaryPrimitives.WriteUInt16BigEndian(packet.AsSpan(20), source.Port);
        BinaryPrimitives.WriteUInt16BigEndian(packet.AsSpan(22), destination.Port);
        packet[32] = 5 << 4;
        packet[33] = (byte)flags;
        new Random(length).NextBytes(packet.AsSpan(40));
        var none = ChecksumState.None;
        PacketEdit.Complete(packet, new PacketView(packet), ref none);
        return packet;
    }

    public static byte[] Udp(PacketEndpoint source, PacketEndpoint destination, int length)
    {
        var payload = new byte[length - 28];
        new Random(length).NextBytes(payload);
        return UdpDatagram.Build(source, destination, payload);
    }
}
