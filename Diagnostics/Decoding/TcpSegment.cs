using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Net;

namespace FwRedirect.Diagnostics.Decoding;

/// <summary>One TCP segment.</summary>
/// <param name="Payload">Captured bytes of it.</param>
/// <param name="Length">Payload bytes that were on the wire; more than <paramref name="Payload"/> has when the snap length cut it.</param>
/// <param name="Flags">The flag byte: C E U A P R S F from the top.</param>
internal sealed record TcpSegment(
    IPEndPoint Source, IPEndPoint Destination, uint Sequence, uint Acknowledgment, byte Flags, ReadOnlyMemory<byte> Payload, int Length)
{
    public bool Fin => (Flags & 0x01) != 0;

    public bool Syn => (Flags & 0x02) != 0;

    public bool Rst => (Flags & 0x04) != 0;

    public bool Ack => (Flags & 0x10) != 0;

    public static bool TryParse(IpPacket packet, [NotNullWhen(true)] out TcpSegment? segment)
    {
        segment = null;
        var span = packet.Payload.Span;
        if (span.Length < 20)
            return false;
        var header = (span[12] >> 4) * 4;
        if (header < 20 || header > packet.PayloadLength)
            return false;
        segment = new TcpSegment(
            new IPEndPoint(packet.Source, BinaryPrimitives.ReadUInt16BigEndian(span)),
            new IPEndPoint(packet.Destination, BinaryPrimitives.ReadUInt16BigEndian(span[2..])),
            BinaryPrimitives.ReadUInt32BigEndian(span[4..]), BinaryPrimitives.ReadUInt32BigEndian(span[8..]), span[13],
            header < span.Length ? packet.Payload[header..] : default, packet.PayloadLength - header);
        return true;
    }

    /// <summary>The article's line: <c>TCP:Flags=...A..S., SrcPort=21, DstPort=2345</c>, with the payload's length if there is one.</summary>
    public string Describe(bool retransmission)
    {
        var flags = string.Create(8, Flags, static (text, bits) =>
        {
            for (var i = 0; i < 8; i++)
                text[i] = (bits & (0x80 >> i)) != 0 ? "CEUAPRSF"[i] : '.';
        });
        var length = Length > 0 ? $", Len={Length}" : "";
        return $"TCP:{(retransmission ? "[ReTransmit]" : "")}Flags={flags}, SrcPort={Source.Port}, DstPort={Destination.Port}{length}";
    }
}
