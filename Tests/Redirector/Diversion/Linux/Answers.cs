using System.Buffers.Binary;
using System.Runtime.Versioning;
using FwRedirect.Redirector.Diversion.Linux;
using FwRedirect.Redirector.Packets;

namespace FwRedirect.Tests.Redirector.Diversion.Linux;

/// <summary>Packets that answer a diverted one, made from the RFCs' layouts and nothing of the product's but the checksum.</summary>
[SupportedOSPlatform("linux")]
internal static class Answers
{
    /// <summary>RST and ACK of the SYN (RFC 9293, 3.10.7.1); without checksums, which Send has to complete.</summary>
    public static byte[] Reset(ReadOnlySpan<byte> syn)
    {
        var packet = Turned(syn, 6, 20);
        BinaryPrimitives.WriteUInt32BigEndian(packet.AsSpan(28), BinaryPrimitives.ReadUInt32BigEndian(syn[24..]) + 1);
        packet[32] = 5 << 4;
        packet[33] = 0x14;
        return packet;
    }

    public static byte[] Datagram(ReadOnlySpan<byte> question, ReadOnlySpan<byte> payload)
    {
        var packet = Turned(question, 17, 8 + payload.Length);
        BinaryPrimitives.WriteUInt16BigEndian(packet.AsSpan(24), (ushort)(8 + payload.Length));
        payload.CopyTo(packet.AsSpan(28));
        return packet;
    }

    /// <summary>ICMP type 3 code 1 from the firewall with the first 28 bytes of the packet (RFC 792).</summary>
    public static byte[] HostUnreachable(ReadOnlySpan<byte> original)
    {
        var packet = Turned(original, 1, 8 + 28);
        NamespacePair.FirewallAddress.TryWriteBytes(packet.AsSpan(12), out _);
        packet.AsSpan(20, 4).Clear();
        (packet[20], packet[21]) = (3, 1);
        original[..28].CopyTo(packet.AsSpan(28));
        uint sum = 0;
        for (var i = 20; i < packet.Length; i += 2) sum += BinaryPrimitives.ReadUInt16BigEndian(packet.AsSpan(i));
        sum = (sum & 0xFFFF) + (sum >> 16);
        BinaryPrimitives.WriteUInt16BigEndian(packet.AsSpan(22), (ushort)~(sum + (sum >> 16)));
        ChecksumCompletion.Complete(packet, ChecksumState.Transport);
        return packet;
    }

    private static byte[] Turned(ReadOnlySpan<byte> original, byte protocol, int length)
    {
        var packet = new byte[20 + length];
        packet[0] = 0x45;
        BinaryPrimitives.WriteUInt16BigEndian(packet.AsSpan(2), (ushort)packet.Length);
        packet[8] = 64;
        packet[9] = protocol;
        original.Slice(16, 4).CopyTo(packet.AsSpan(12));
        original.Slice(12, 4).CopyTo(packet.AsSpan(16));
        original.Slice(22, 2).CopyTo(packet.AsSpan(20));
        original.Slice(20, 2).CopyTo(packet.AsSpan(22));
        return packet;
    }
}
