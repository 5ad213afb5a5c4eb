using System.Buffers.Binary;
using System.Runtime.Versioning;
using FwRedirect.Redirector.Packets;

namespace FwRedirect.Redirector.Diversion.Linux;

/// <summary>Writes the checksums of one IPv4 packet in full (RFC 791, 768, 9293), for the few packets that are sent one at a time.</summary>
[SupportedOSPlatform("linux")]
internal static class ChecksumCompletion
{
    private const byte Tcp = 6;
    private const byte Udp = 17;

    /// <summary>Completes what <paramref name="valid"/> does not call valid. What is no whole TCP or UDP packet keeps its payload as it is.</summary>
    public static void Complete(Span<byte> packet, ChecksumState valid)
    {
        if (packet.Length < 20 || packet[0] >> 4 != 4) return;
        var header = (packet[0] & 15) * 4;
        if (header < 20 || packet.Length < header) return;
        if ((valid & ChecksumState.IpHeader) == 0)
        {
            packet.Slice(10, 2).Clear();
            BinaryPrimitives.WriteUInt16BigEndian(packet[10..], Fold(Sum(packet[..header])));
        }

        var isFragment = (BinaryPrimitives.ReadUInt16BigEndian(packet[6..]) & 0x3FFF) != 0;
        if ((valid & ChecksumState.Transport) != 0 || isFragment) return;
        var segment = packet[header..];
        var field = packet[9] switch { Tcp when segment.Length >= 20 => 16, Udp when segment.Length >= 8 => 6, _ => -1 };
        if (field < 0) return;
        segment.Slice(field, 2).Clear();
        var sum = Fold(Sum(segment) + Sum(packet.Slice(12, 8)) + packet[9] + (ulong)segment.Length);
        // 0 in UDP says "no checksum"; its complement is the same number in one's complement arithmetic (RFC 768).
        BinaryPrimitives.WriteUInt16BigEndian(segment[field..], sum == 0 && packet[9] == Udp ? (ushort)0xFFFF : sum);
    }

    private static ulong Sum(ReadOnlySpan<byte> data)
    {
        ulong sum = 0;
        for (; data.Length >= 4; data = data[4..]) sum += BinaryPrimitives.ReadUInt32BigEndian(data);
        if (data.Length >= 2)
        {
            sum += BinaryPrimitives.ReadUInt16BigEndian(data);
            data = data[2..];
        }

        return data.IsEmpty ? sum : sum + ((ulong)data[0] << 8);
    }

    private static ushort Fold(ulong sum)
    {
        while (sum >> 16 != 0) sum = (sum & 0xFFFF) + (sum >> 16);
        return (ushort)~sum;
    }
}
