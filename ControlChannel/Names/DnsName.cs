using System.Text;

namespace FwRedirect.ControlChannel.Names;

/// <summary>
/// Domain names between the wire and text. Text has no dot at its end; a dot or backslash inside a label is written with a backslash, and what does not
/// print as \DDD (RFC 1035, 5.1), so that two different names never look the same.
/// </summary>
internal static class DnsName
{
    /// <summary>RFC 1035, 2.3.4, with the length bytes and the root.</summary>
    public const int LongestWire = 255;
    private const int LongestLabel = 63;

    /// <summary>Reads a name that is not compressed: in a question there is nothing before it to point to, and a pointer is refused.</summary>
    public static bool TryRead(ReadOnlySpan<byte> message, ref int offset, out string name)
    {
        name = "";
        var text = new StringBuilder();
        var start = offset;
        while (offset < message.Length && offset - start < LongestWire)
        {
            int length = message[offset++];
            if (length == 0)
            {
                name = text.ToString();
                return true;
            }
            if (length > LongestLabel || offset + length > message.Length)
                return false;
            if (text.Length > 0)
                text.Append('.');
            foreach (var c in message.Slice(offset, length))
                Append(text, c);
            offset += length;
        }
        return false;
    }

    /// <summary>Where the name at <paramref name="offset"/> ends; a pointer ends it and is not followed. -1 where it is broken.</summary>
    public static int Skip(ReadOnlySpan<byte> message, int offset)
    {
        for (var i = offset; i < message.Length && i - offset < LongestWire; i += message[i] + 1)
        {
            if (message[i] == 0)
                return i + 1;
            if (message[i] >= 0xC0)
                return i + 2 <= message.Length ? i + 2 : -1;
            if (message[i] > LongestLabel)
                return -1;
        }
        return -1;
    }

    /// <summary>The wire form; null where <paramref name="name"/> can not be one (a label empty or too long, a character outside ASCII).</summary>
    public static byte[]? ToWire(string name)
    {
        var wire = new List<byte>(name.Length + 2) { 0 };
        var label = 0;
        var text = name.AsSpan();
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] == '.')
            {
                if (!Close(wire, label))
                    return null;
                // The root's own dot, at the end; an escaped one is a character of its label.
                if (i == text.Length - 1)
                    break;
                label = wire.Count;
                wire.Add(0);
            }
            else if (Character(text, ref i) is { } c)
                wire.Add(c);
            else
                return null;
        }
        if (text.Length == 0)
            return [0];
        if (!Close(wire, label) || wire.Count >= LongestWire)
            return null;
        wire.Add(0);
        return [.. wire];
    }

    private static bool Close(List<byte> wire, int label)
    {
        var length = wire.Count - label - 1;
        if (length is 0 or > LongestLabel)
            return false;
        wire[label] = (byte)length;
        return true;
    }

    private static void Append(StringBuilder text, byte c)
    {
        if (c is (byte)'.' or (byte)'\\')
            text.Append('\\').Append((char)c);
        else if (c is > 0x20 and < 0x7F)
            text.Append((char)c);
        else
            text.Append('\\').Append(c.ToString("D3"));
    }

    private static byte? Character(ReadOnlySpan<char> text, ref int i)
    {
        if (text[i] != '\\')
            return text[i] is > ' ' and < '\x7F' ? (byte)text[i] : null;
        var rest = text[(i + 1)..];
        if (rest.Length >= 3 && char.IsAsciiDigit(rest[0]))
        {
            i += 3;
            return byte.TryParse(rest[..3], out var value) ? value : null;
        }
        i++;
        return rest.Length > 0 && char.IsAscii(rest[0]) ? (byte)rest[0] : null;
    }
}
