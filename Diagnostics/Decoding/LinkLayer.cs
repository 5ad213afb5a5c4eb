using System.Buffers.Binary;
using FwRedirect.Diagnostics.Capture;

namespace FwRedirect.Diagnostics.Decoding;

/// <summary>Takes the link-layer header off, for every link type that a capture of ours or of the usual tools has.</summary>
internal static class LinkLayer
{
    /// <summary>IEEE 802.1Q and 802.1ad tags may be stacked; more than this many is no real frame.</summary>
    private const int MostTags = 4;

    /// <summary>Never throws; a header that is cut off gives an empty payload of unknown type.</summary>
    public static NetworkFrame Strip(CapturedPacket packet)
    {
        var data = packet.Data;
        return packet.LinkType switch
        {
            LinkType.Ethernet when data.Length >= 14 => Ethernet(data),
            LinkType.LinuxCooked when data.Length >= 16 => Cooked(data, etherTypeAt: 14, addressLengthAt: 4, addressAt: 6, header: 16),
            LinkType.LinuxCooked2 when data.Length >= 20 => Cooked(data, etherTypeAt: 0, addressLengthAt: 11, addressAt: 12, header: 20),
            LinkType.Raw or LinkType.RawInProcess or LinkType.IPv4 or LinkType.IPv6 => Raw(data),
            // BSD loopback: an address family of four bytes in the byte order of whoever wrote it; the IP version says the same, always.
            LinkType.Null or LinkType.Loop when data.Length >= 4 => Raw(data[4..]),
            _ => new NetworkFrame(NetworkFrame.Unknown, "-", "-", data),
        };
    }

    private static NetworkFrame Ethernet(ReadOnlyMemory<byte> data)
    {
        var span = data.Span;
        return Untag(U16(span, 12), Mac(span[6..12]), Mac(span[..6]), data[14..]);
    }

    private static NetworkFrame Cooked(ReadOnlyMemory<byte> data, int etherTypeAt, int addressLengthAt, int addressAt, int header)
    {
        var span = data.Span;
        // The address length is two bytes in the first format, one in the second; the low byte of both ends where the address begins or 2 before.
        var length = addressLengthAt == 4 ? U16(span, 4) : span[addressLengthAt];
        return Untag(U16(span, etherTypeAt), length == 6 ? Mac(span.Slice(addressAt, 6)) : "-", "-", data[header..]);
    }

    private static NetworkFrame Untag(int etherType, string source, string destination, ReadOnlyMemory<byte> payload)
    {
        for (var i = 0; i < MostTags && etherType is 0x8100 or 0x88A8 or 0x9100 && payload.Length >= 4; i++)
        {
            etherType = U16(payload.Span, 2);
            payload = payload[4..];
        }
        return new NetworkFrame(etherType, source, destination, payload);
    }

    private static NetworkFrame Raw(ReadOnlyMemory<byte> data)
    {
        var etherType = data.Length == 0 ? NetworkFrame.Unknown : (data.Span[0] >> 4) switch
        {
            4 => NetworkFrame.IPv4,
            6 => NetworkFrame.IPv6,
            _ => NetworkFrame.Unknown,
        };
        return new NetworkFrame(etherType, "-", "-", data);
    }

    private static int U16(ReadOnlySpan<byte> span, int at) => BinaryPrimitives.ReadUInt16BigEndian(span[at..]);

    private static string Mac(ReadOnlySpan<byte> address) =>
        $"{address[0]:X2}-{address[1]:X2}-{address[2]:X2}-{address[3]:X2}-{address[4]:X2}-{address[5]:X2}";
}
