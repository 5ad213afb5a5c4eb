using System.Buffers.Text;
using System.Net;
using System.Text;

namespace FwRedirect.FirewallHost.Filters.Ftp;

/// <summary>The replies 227 (RFC 959, 4.1.2) and 229 (RFC 2428, 3), in which a server names the endpoint that it waits at; for servers that clients of the firewall publish.</summary>
internal sealed class FtpPassiveReply : IFtpEndpointLine
{
    private FtpPassiveReply()
    {
    }

    public static FtpPassiveReply Instance { get; } = new();

    private static ReadOnlySpan<byte> Passive => "227 "u8;

    private static ReadOnlySpan<byte> Extended => "229 "u8;

    public bool MayBecome(ReadOnlySpan<byte> start) => StartsAlike(start, Passive) || StartsAlike(start, Extended);

    public IPEndPoint? Parse(ReadOnlySpan<byte> line, IPAddress own)
    {
        if (line.StartsWith(Passive))
            return FindNumbers(line, out var endpoint) is not null ? endpoint : null;
        return line.StartsWith(Extended) && FindPort(line, out var port) is not null ? new IPEndPoint(own, port) : null;
    }

    /// <summary>Only the numbers change: the text around them is the server's own.</summary>
    public byte[] Rewrite(ReadOnlySpan<byte> line, IPEndPoint endpoint)
    {
        var isPassive = line.StartsWith(Passive);
        var place = (isPassive ? FindNumbers(line, out _) : FindPort(line, out _)) ?? throw new ArgumentException("the line names no endpoint", nameof(line));
        var address = endpoint.Address.ToString().Replace('.', ',');
        var text = isPassive ? $"{address},{endpoint.Port >> 8},{endpoint.Port & 0xFF}" : $"{endpoint.Port}";
        return [.. line[..place.Start.Value], .. Encoding.ASCII.GetBytes(text), .. line[place.End.Value..]];
    }

    /// <summary>h1,h2,h3,h4,p1,p2 behind the first digit after the code: servers differ in the text before it (RFC 1123, 4.1.2.6).</summary>
    private static Range? FindNumbers(ReadOnlySpan<byte> line, out IPEndPoint? endpoint)
    {
        endpoint = null;
        var text = line[Passive.Length..].IndexOfAnyInRange((byte)'0', (byte)'9');
        if (text < 0)
            return null;
        var start = Passive.Length + text;
        var position = start;
        Span<byte> numbers = stackalloc byte[6];
        for (var i = 0; i < numbers.Length; i++)
        {
            if (i > 0 && (position >= line.Length || line[position++] != ','))
                return null;
            if (position >= line.Length || !char.IsAsciiDigit((char)line[position]) || !Utf8Parser.TryParse(line[position..], out numbers[i], out var used))
                return null;
            position += used;
        }

        // A seventh number, or a digit too many, and it is something else.
        if (position < line.Length && (line[position] == ',' || char.IsAsciiDigit((char)line[position])))
            return null;
        endpoint = new IPEndPoint(new IPAddress(numbers[..4]), (numbers[4] << 8) | numbers[5]);
        return start..position;
    }

    /// <summary>(|||port|): three of one delimiter, the port, the delimiter again.</summary>
    private static Range? FindPort(ReadOnlySpan<byte> line, out ushort port)
    {
        port = 0;
        var open = line.IndexOf((byte)'(');
        if (open < 0 || open + 5 >= line.Length)
            return null;
        var delimiter = line[open + 1];
        var start = open + 4;
        if (delimiter is < 33 or > 126 || line[open + 2] != delimiter || line[open + 3] != delimiter
            || !char.IsAsciiDigit((char)line[start]) || !Utf8Parser.TryParse(line[start..], out port, out var used))
        {
            return null;
        }

        var end = start + used;
        return end + 1 < line.Length && line[end] == delimiter && line[end + 1] == ')' ? start..end : null;
    }

    private static bool StartsAlike(ReadOnlySpan<byte> start, ReadOnlySpan<byte> code) =>
        start.Length < code.Length ? code.StartsWith(start) : start.StartsWith(code);
}
