using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace FwRedirect.Diagnostics.Decoding;

/// <summary>The address forms of FTP: six numbers (RFC 959) and the extended form (RFC 2428).</summary>
internal static class FtpEndpoint
{
    /// <summary><c>192,168,0,2,4,210</c></summary>
    public static bool TryParseCommas(ReadOnlySpan<char> text, [NotNullWhen(true)] out IPEndPoint? endpoint)
    {
        endpoint = null;
        Span<byte> numbers = stackalloc byte[6];
        var count = 0;
        foreach (var range in text.Trim().Split(','))
        {
            if (count == 6 || !byte.TryParse(text.Trim()[range], NumberStyles.None, CultureInfo.InvariantCulture, out numbers[count]))
                return false;
            count++;
        }
        if (count != 6)
            return false;
        endpoint = new IPEndPoint(new IPAddress(numbers[..4]), (numbers[4] << 8) | numbers[5]);
        return true;
    }

    /// <summary>The six numbers anywhere in a 227 reply: RFC 1123 4.1.2.6 warns that the parentheses may be missing.</summary>
    public static bool TryFindCommas(string reply, [NotNullWhen(true)] out IPEndPoint? endpoint)
    {
        endpoint = null;
        var comma = reply.IndexOf(',', StringComparison.Ordinal);
        if (comma < 0)
            return false;
        int start = comma, end = comma;
        while (start > 4 && char.IsAsciiDigit(reply[start - 1]))
            start--;
        while (end < reply.Length && (char.IsAsciiDigit(reply[end]) || reply[end] == ','))
            end++;
        return TryParseCommas(reply.AsSpan(start, end - start), out endpoint);
    }

    /// <summary><c>|1|192.168.0.2|1234|</c>, with any delimiter.</summary>
    public static bool TryParseExtended(string text, [NotNullWhen(true)] out IPEndPoint? endpoint)
    {
        endpoint = null;
        if (text.Length < 4)
            return false;
        var parts = text.Split(text[0]);
        if (parts.Length < 4 || !IPAddress.TryParse(parts[2], out var address) || !ushort.TryParse(parts[3], NumberStyles.None, CultureInfo.InvariantCulture, out var port))
            return false;
        if (parts[1] != (address.AddressFamily == AddressFamily.InterNetwork ? "1" : "2"))
            return false;
        endpoint = new IPEndPoint(address, port);
        return true;
    }

    /// <summary>The port of <c>229 Entering Extended Passive Mode (|||1234|)</c>.</summary>
    public static bool TryFindExtendedPort(string reply, out ushort port)
    {
        port = 0;
        var open = reply.IndexOf('(', StringComparison.Ordinal);
        if (open < 0 || open + 4 >= reply.Length)
            return false;
        var parts = reply[(open + 1)..].Split(reply[open + 1]);
        return parts.Length >= 4 && ushort.TryParse(parts[3], NumberStyles.None, CultureInfo.InvariantCulture, out port);
    }
}
