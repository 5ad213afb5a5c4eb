using System.Buffers.Binary;

namespace FwRedirect.Redirector.Packets;

/// <summary>Writes the IP header of packets of our own making: no options, do not fragment, checksum left at 0 for <see cref="PacketEdit.Complete"/>.</summary>
internal static class IpHeader
{
    /// <summary>RFC 1700's recommended default; our packets travel no further than this machine or the firewall.</summary>
    private const byte TimeToLive = 64;

    public static int Length(PacketEndpoint endpoint) => endpoint.IsIPv4 ? 20 : 40;

    /// <summary>A zeroed packet with its IP header, and after it <paramref name="transportLength"/> bytes for the caller.</summary>
    public static byte[] NewPacket(PacketEndpoint source, PacketEndpoint destination, byte protocol, int transportLength)
    {
        var header = Length(source);
        var packet = new byte[header + transportLength];
        if (source.IsIPv4)
        {
            packet[0] = 0x45;
            BinaryPrimitives.WriteUInt16BigEndian(packet.AsSpan(2), (ushort)packet.Length);
            packet[6] = 0x40;
            packet[8] = TimeToLive;
            packet[9] = protocol;
            BinaryPrimitives.WriteUInt32BigEndian(packet.AsSpan(12), source.IPv4);
            BinaryPrimitives.WriteUInt32BigEndian(packet.AsSpan(16), destination.IPv4);
        }
        else
        {
            packet[0] = 0x60;
            BinaryPrimitives.WriteUInt16BigEndian(packet.AsSpan(4), (ushort)transportLength);
            packet[6] = protocol;
            packet[7] = TimeToLive;
            BinaryPrimitives.WriteUInt128BigEndian(packet.AsSpan(8), source.Address);
            BinaryPrimitives.WriteUInt128BigEndian(packet.AsSpan(24), destination.Address);
        }
        return packet;
    }
}
