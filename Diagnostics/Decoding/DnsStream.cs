using System.Buffers.Binary;

namespace FwRedirect.Diagnostics.Decoding;

/// <summary>DNS over TCP (RFC 7766): every message behind two bytes of length.</summary>
internal sealed class DnsStream : IStreamDecoder
{
    private byte[] _buffer = [];
    private bool _lost;

    public void Append(ReadOnlySpan<byte> bytes, List<MessageLine> lines)
    {
        // Nothing in this stream marks the beginning of a message: after a gap it can not be found again.
        if (_lost)
            return;
        byte[] joined = [.. _buffer, .. bytes];
        ReadOnlySpan<byte> rest = joined;
        while (rest.Length >= 2 && BinaryPrimitives.ReadUInt16BigEndian(rest) is var length && rest.Length >= 2 + length)
        {
            lines.Add(new MessageLine("DNS", DnsMessage.Describe(rest.Slice(2, length))));
            rest = rest[(2 + length)..];
        }
        _buffer = rest.ToArray();
    }

    public void Gap()
    {
        _lost = true;
        _buffer = [];
    }
}
