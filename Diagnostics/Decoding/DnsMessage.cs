using System.Buffers.Binary;
using System.Net;
using System.Text;

namespace FwRedirect.Diagnostics.Decoding;

/// <summary>The article's line for a DNS message (RFC 1035 4): what is asked for, or what came of it.</summary>
internal static class DnsMessage
{
    public const int Port = 53;

    /// <summary>Records that are looked at; a UDP answer has a handful.</summary>
    private const int MostRecords = 64;

    /// <summary>Compression pointers that are followed in one name: each must lead back, and real names have one.</summary>
    private const int MostPointers = 16;

    /// <summary>Never throws; a message that is cut off says so.</summary>
    public static string Describe(ReadOnlySpan<byte> message)
    {
        if (message.Length < 12)
            return $"DNS: Damaged message, Len={message.Length}";
        var flags = U16(message, 2);
        var at = 12;
        var name = U16(message, 4) > 0 ? ReadName(message, ref at) : "";
        if (name is null || (U16(message, 4) > 0 && at + 4 > message.Length))
            return $"DNS: Damaged message, Len={message.Length}";
        var type = U16(message, 4) > 0 ? U16(message, at) : 0;
        at += U16(message, 4) > 0 ? 4 : 0;
        var question = name.Length == 0 ? "." : name;
        if (type != 1)
            question += $" ({TypeName(type)})";
        if ((flags & 0x8000) == 0)
            return $"DNS: Query for {question}";
        var truncated = (flags & 0x0200) != 0 ? " (truncated)" : "";
        return (flags & 0x0F) switch
        {
            0 when U16(message, 4) <= 1 => $"DNS: Success, {Answers(message, at, question)}{truncated}",
            0 => $"DNS: Success, {U16(message, 6)} answers{truncated}",
            var code => $"DNS: {CodeName(code)}, {question}{truncated}",
        };
    }

    private static string Answers(ReadOnlySpan<byte> message, int at, string question)
    {
        var addresses = new List<string>();
        var names = new List<string>();
        int count = Math.Min(U16(message, 6), MostRecords);
        for (var i = 0; i < count; i++)
        {
            if (ReadName(message, ref at) is null || at + 10 > message.Length)
                break;
            int type = U16(message, at), length = U16(message, at + 8);
            at += 10;
            if (at + length > message.Length)
                break;
            if ((type, length) is (1, 4) or (28, 16))
            {
                addresses.Add(new IPAddress(message.Slice(at, length)).ToString());
            }
            else if (type is 2 or 5 or 12)
            {
                var target = at;
                names.Add(ReadName(message, ref target) ?? "?");
            }
            at += length;
        }
        if (addresses.Count > 0)
            return string.Join(", ", addresses);
        return names.Count > 0 ? string.Join(", ", names) : U16(message, 6) == 0 ? $"no records for {question}" : $"{U16(message, 6)} records for {question}";
    }

    /// <summary>The name at <paramref name="at"/>, which then stands behind it; null if it is not whole.</summary>
    private static string? ReadName(ReadOnlySpan<byte> message, ref int at)
    {
        var name = new StringBuilder();
        int position = at, pointers = 0;
        while (position < message.Length)
        {
            int length = message[position];
            if (length >= 0xC0)
            {
                if (position + 1 >= message.Length || ++pointers > MostPointers)
                    return null;
                if (pointers == 1)
                    at = position + 2;
                position = U16(message, position) & 0x3FFF;
                continue;
            }
            position++;
            if (length == 0)
            {
                if (pointers == 0)
                    at = position;
                return name.ToString();
            }
            if (length > 63 || position + length > message.Length || name.Length + length > 255)
                return null;
            name.Append(name.Length > 0 ? "." : "").Append(Encoding.Latin1.GetString(message.Slice(position, length)));
            position += length;
        }
        return null;
    }

    private static int U16(ReadOnlySpan<byte> message, int at) => BinaryPrimitives.ReadUInt16BigEndian(message[at..]);

    private static string CodeName(int code) => code switch
    {
        1 => "Format Error",
        2 => "Server Failure",
        3 => "Name Error",
        4 => "Not Implemented",
        5 => "Refused",
        _ => $"Response Code {code}",
    };

    private static string TypeName(int type) => type switch
    {
        0 => "no question",
        2 => "NS",
        5 => "CNAME",
        6 => "SOA",
        12 => "PTR",
        15 => "MX",
        16 => "TXT",
        28 => "AAAA",
        33 => "SRV",
        64 => "SVCB",
        65 => "HTTPS",
        255 => "ANY",
        _ => $"TYPE{type}",
    };
}
