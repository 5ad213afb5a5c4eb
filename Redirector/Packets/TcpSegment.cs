using System.Buffers.Binary;

namespace FwRedirect.Redirector.Packets;

/// <summary>A TCP segment without data or options, checksums complete.</summary>
internal static class TcpSegment
{
    public static byte[] Build(PacketEndpoint source, PacketEndpoint destination, uint sequence, uint acknowledgement, TcpFlags flags)
    {
        var packet = IpHeader.NewPacket(source, destination, IpProtocol.Tcp, 20);
        var segment = packet.AsSpan(IpHeader.Length(source));
        BinaryPrimitives.WriteUInt16BigEndian(segment, source.Port);
        BinaryPrimitives.WriteUInt16BigEndian(segment[2..], destination.Port);
        BinaryPrimitives.WriteUInt32BigEndian(segment[4..], sequence);
        BinaryPrimitives.WriteUInt32BigEndian(segment[8..], acknowledgement);
        segment[12] = 5 << 4;
        segment[13] = (byte)flags;
        var none = ChecksumState.None;
        PacketEdit.Complete(packet, new PacketView(packet), ref none);
        return packet;
    }
}
