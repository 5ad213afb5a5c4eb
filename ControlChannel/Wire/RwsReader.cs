using System.Buffers.Binary;
using System.Net;
using System.Text;

namespace FwRedirect.ControlChannel.Wire;

/// <summary>Reads the fields of one part of a packet, in order. It fails in one way: <see cref="RwsFormatException"/>, with the field named.</summary>
public ref struct RwsReader(ReadOnlySpan<byte> bytes)
{
    private static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private ReadOnlySpan<byte> _rest = bytes;

    public readonly int Left => _rest.Length;

    public byte ReadByte(string field) => Take(field, 1)[0];

    public ushort ReadUInt16(string field) => BinaryPrimitives.ReadUInt16LittleEndian(Take(field, 2));

    public uint ReadUInt32(string field) => BinaryPrimitives.ReadUInt32LittleEndian(Take(field, 4));

    /// <summary>A 16-bit count, then so many bytes.</summary>
    public ReadOnlySpan<byte> ReadBytes(string field, int most)
    {
        int length = ReadUInt16(field);
        if (length > most)
            RwsFormatException.ThrowTooLong(field, length, most);
        return Take(field, length);
    }

    /// <summary>A 16-bit count of bytes, then UTF-8 without control characters, so that no peer can forge a line of a log.</summary>
    public string ReadString(string field, int most) => ToText(field, ReadBytes(field, most));

    /// <summary>All that is left, as UTF-8: the value of a tagged field.</summary>
    public string ReadRest(string field, int most) => ToText(field, ReadRestBytes(field, most));

    /// <summary>All that is left, as bytes: the value of a tagged field.</summary>
    public ReadOnlySpan<byte> ReadRestBytes(string field, int most)
    {
        if (Left > most)
            RwsFormatException.ThrowTooLong(field, Left, most);
        return Take(field, Left);
    }

    /// <summary>An 8-bit family (4 or 6), then 4 or 16 bytes in network order.</summary>
    public IPAddress ReadAddress(string field) => ReadByte(field) switch
    {
        4 => new IPAddress(Take(field, 4)),
        6 => new IPAddress(Take(field, 16)),
        var other => throw new RwsFormatException($"{field}: address family {other} where 4 or 6 is wanted"),
    };

    /// <summary>An address, then a 16-bit port.</summary>
    public IPEndPoint ReadEndpoint(string field) => new(ReadAddress(field), ReadUInt16(field));

    /// <summary>The next tagged field: 16-bit tag, 16-bit length, value.</summary>
    public ushort ReadTag(out RwsReader value)
    {
        var tag = ReadUInt16("Tag");
        value = new RwsReader(ReadBytes($"Tag 0x{tag:X4}", ushort.MaxValue));
        return tag;
    }

    public ReadOnlySpan<byte> Take(string field, int count)
    {
        if (count > _rest.Length)
            RwsFormatException.ThrowTruncated(field, count, _rest.Length);
        var taken = _rest[..count];
        _rest = _rest[count..];
        return taken;
    }

    public readonly void ReadEnd(string part)
    {
        if (_rest.Length != 0)
            RwsFormatException.ThrowTrailing(part, _rest.Length);
    }

    private static string ToText(string field, ReadOnlySpan<byte> encoded)
    {
        try
        {
            var text = StrictUtf8.GetString(encoded);
            foreach (var c in text)
            {
                if (char.IsControl(c))
                    RwsFormatException.ThrowValue(field, $"control character U+{(int)c:X4}", "text");
            }

            return text;
        }
        catch (DecoderFallbackException)
        {
            throw new RwsFormatException($"{field}: not UTF-8");
        }
    }
}
