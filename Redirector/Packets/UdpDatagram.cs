using System.Buffers.Binary;

namespace FwRedirect.Redirector.Packets;

/// <summary>A UDP datagram of our own, checksums complete: a DNS answer that comes from the server that was asked.</summary>
internal static class UdpDatagram
{
    /// <param name="source">Who it seems to come from.</param>
    /// <param name="destination">The program's own endpoint.</param>
    /// <param name="payload">At most 65,507 bytes (IPv4).</param>
    public static byte[] Build(PacketEndpoint source, PacketEndpoint destination, ReadOnlySpan<byte> payload)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(payload.Length, ushort.MaxValue - 28, nameof(payload));
        var packet = IpHeader.NewPacket(source, destination, IpProtocol.Udp, 8 + payload.Length);
        var datagram = packet.AsSpan(IpHeader.Length(source));
        BinaryPrimitives.WriteUInt16BigEndian(datagram, source.Port);
        BinaryPrimitives.WriteUInt16BigEndian(datagram[2..], destination.Port);
        BinaryPrimitives.WriteUInt16BigEndian(datagram[4..], (ushort)(8 + payload.Length));
        payload.CopyTo(datagram[8..]);
        var none = ChecksumState.None;
        PacketEdit.Complete(packet, new PacketView(packet), ref none);
        return packet;
    }
}
