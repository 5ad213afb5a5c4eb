using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Net;

namespace FwRedirect.Diagnostics.Decoding;

/// <summary>An IPv4 or IPv6 packet, down to its transport payload.</summary>
/// <param name="Protocol">IP protocol number of the payload, behind IPv6's extension headers.</param>
/// <param name="Payload">Captured bytes of it.</param>
/// <param name="PayloadLength">Bytes of it on the wire.</param>
/// <param name="Fragment">What the packet is a piece of; null for a whole one.</param>
internal sealed record IpPacket(
    int Version, IPAddress Source, IPAddress Destination, byte Protocol, ReadOnlyMemory<byte> Payload, int PayloadLength, IpFragment? Fragment)
{
    /// <summary>RFC 8200 4.1 knows one of each kind; a chain longer than this is an attack.</summary>
    private const int MostExtensions = 8;

    /// <param name="data">From the network header on.</param>
    /// <param name="wireLength">Bytes from there on that were on the wire, with padding.</param>
    /// <param name="packet">The packet, if the fixed header is whole and sound.</param>
    public static bool TryParse(ReadOnlyMemory<byte> data, int wireLength, [NotNullWhen(true)] out IpPacket? packet)
    {
        packet = data.Length == 0 ? null : (data.Span[0] >> 4) switch
        {
            4 => ParseV4(data, wireLength),
            6 => ParseV6(data, wireLength),
            _ => null,
        };
        return packet is not null;
    }

    private static IpPacket? ParseV4(ReadOnlyMemory<byte> data, int wireLength)
    {
        var span = data.Span;
        if (span.Length < 20)
            return null;
        var header = (span[0] & 0x0F) * 4;
        int total = BinaryPrimitives.ReadUInt16BigEndian(span[2..]);
        // Segmentation offload of some stacks leaves the length 0 for packets beyond 64 KiB.
        if (total == 0)
            total = wireLength;
        if (header < 20 || total < header || span.Length < header)
            return null;
        var fragment = BinaryPrimitives.ReadUInt16BigEndian(span[6..]);
        var piece = (fragment & 0x3FFF) == 0
            ? null
            : new IpFragment(BinaryPrimitives.ReadUInt16BigEndian(span[4..]), (fragment & 0x1FFF) * 8, (fragment & 0x2000) != 0);
        return new IpPacket(4, new IPAddress(span.Slice(12, 4)), new IPAddress(span.Slice(16, 4)), span[9],
            data[header..Math.Min(total, data.Length)], total - header, piece);
    }

    private static IpPacket? ParseV6(ReadOnlyMemory<byte> data, int wireLength)
    {
        var span = data.Span;
        if (span.Length < 40)
            return null;
        int length = BinaryPrimitives.ReadUInt16BigEndian(span[4..]);
        if (length == 0)
            length = Math.Max(0, wireLength - 40);
        var protocol = span[6];
        var payload = data[40..Math.Min(40 + length, data.Length)];
        IpFragment? fragment = null;
        for (var i = 0; i < MostExtensions && protocol is 0 or 43 or 44 or 60 && payload.Length >= 8; i++)
        {
            var extension = payload.Span;
            var size = protocol == 44 ? 8 : (extension[1] + 1) * 8;
            if (size > payload.Length)
                break;
            if (protocol == 44)
            {
                var bits = BinaryPrimitives.ReadUInt16BigEndian(extension[2..]);
                fragment = new IpFragment(BinaryPrimitives.ReadUInt32BigEndian(extension[4..]), bits & 0xFFF8, (bits & 1) != 0);
            }
            protocol = extension[0];
            payload = payload[size..];
            length -= size;
        }
        return new IpPacket(6, new IPAddress(span.Slice(8, 16)), new IPAddress(span.Slice(24, 16)), protocol, payload, length, fragment);
    }
}
