using System.Buffers.Binary;

namespace FwRedirect.Redirector.Packets;

/// <summary>ICMP destination unreachable (RFC 792 type 3; RFC 4443 type 1) that answers a packet, as if its destination had sent it.</summary>
internal static class IcmpUnreachable
{
    /// <summary>Largest answer: RFC 1812, 4.3.2.3 asks for as much of the packet as fits 576 bytes (RFC 4443, 2.4: the minimum MTU of 1280).</summary>
    private const int LargestV4 = 576;
    private const int LargestV6 = 1280;

    public static byte[] AnswerTo(in PacketView packet, UnreachableReason reason) =>
        AnswerTo(packet, packet.IsIPv4 ? (byte)3 : (byte)1, packet.IsIPv4 ? CodeV4(reason) : CodeV6(reason), 0);

    /// <summary>The packet was too large: "fragmentation needed" (RFC 1191), "packet too big" (RFC 4443, 3.2).</summary>
    /// <param name="packet">What it answers.</param>
    /// <param name="mtu">What fits, IP header included.</param>
    public static byte[] TooLarge(in PacketView packet, ushort mtu) => packet.IsIPv4 ? AnswerTo(packet, 3, 4, mtu) : AnswerTo(packet, 2, 0, mtu);

    /// <summary>The same for a UDP datagram of IPv4 of which only the beginning is there; null where it is something else.</summary>
    public static byte[]? TooLarge(Span<byte> beginning, ushort mtu)
    {
        if (!QuotedPacket.TryRead(beginning, out var packet) || packet is not { Protocol: IpProtocol.Udp, IsIPv4: true })
            return null;
        // A stack looks at the quote's addresses and ports only (RFC 1122, 3.2.2).
        return TooLarge(new PacketView(UdpDatagram.Build(packet.Source, packet.Destination, [])), mtu);
    }

    private static byte[] AnswerTo(in PacketView packet, byte type, byte code, ushort mtu)
    {
        var largest = packet.IsIPv4 ? LargestV4 : LargestV6;
        var header = IpHeader.Length(packet.Source);
        var quote = packet.Bytes[..Math.Min(packet.Length, largest - header - 8)];
        var answer = IpHeader.NewPacket(
            packet.Destination, packet.Source, packet.IsIPv4 ? IpProtocol.Icmp : IpProtocol.IcmpV6, 8 + quote.Length);
        (answer[header], answer[header + 1]) = (type, code);
        // The lower half of a word whose upper half is nothing, or IPv6's zeros.
        BinaryPrimitives.WriteUInt16BigEndian(answer.AsSpan(header + 6), mtu);
        quote.CopyTo(answer.AsSpan(header + 8));
        var none = ChecksumState.None;
        PacketEdit.Complete(answer, new PacketView(answer), ref none);
        return answer;
    }

    private static byte CodeV4(UnreachableReason reason) => reason switch
    {
        UnreachableReason.Network => 0,
        UnreachableReason.Host => 1,
        UnreachableReason.Port => 3,
        UnreachableReason.NetworkProhibited => 9,
        _ => 13,
    };

    private static byte CodeV6(UnreachableReason reason) => reason switch
    {
        UnreachableReason.Network => 0,
        UnreachableReason.Host => 3,
        UnreachableReason.Port => 4,
        _ => 1,
    };
}
