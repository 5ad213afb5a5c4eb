using System.Buffers.Text;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace FwRedirect.FirewallHost.Filters.Ftp;

/// <summary>PORT (RFC 959, 4.1.2) and EPRT (RFC 2428, 2): the two commands that carry the client's own address.</summary>
internal sealed class FtpAddressCommand : IFtpEndpointLine
{
    private FtpAddressCommand()
    {
    }

    public static FtpAddressCommand Instance { get; } = new();

    private static ReadOnlySpan<byte> Port => "PORT "u8;

    private static ReadOnlySpan<byte> Eprt => "EPRT "u8;

    public bool MayBecome(ReadOnlySpan<byte> start) => Matches(start, Port) || Matches(start, Eprt);

    public IPEndPoint? Parse(ReadOnlySpan<byte> line, IPAddress own)
    {
        if (line.Length <= Port.Length)
            return null;
        var argument = line[Port.Length..].Trim(" \r\n"u8);
        if (Matches(line[..Port.Length], Port))
            return ParsePort(argument);
        return Matches(line[..Eprt.Length], Eprt) ? ParseEprt(argument) : null;
    }

    /// <summary>The same line with another endpoint: verb as the client wrote it, its line end, nothing else.</summary>
    public byte[] Rewrite(ReadOnlySpan<byte> line, IPEndPoint endpoint)
    {
        var end = line.EndsWith("\r\n"u8) ? "\r\n" : "\n";
        var verb = Encoding.ASCII.GetString(line[..Port.Length]);
        var address = endpoint.Address.ToString();
        // RFC 959 has room for IPv4 only; such an address in an EPRT keeps EPRT's form.
        var argument = Matches(line[..Port.Length], Port)
            ? $"{address.Replace('.', ',')},{endpoint.Port >> 8},{endpoint.Port & 0xFF}"
            : $"|{(endpoint.AddressFamily == AddressFamily.InterNetwork ? 1 : 2)}|{address}|{endpoint.Port}|";
        return Encoding.ASCII.GetBytes(verb + argument + end);
    }

    // h1,h2,h3,h4,p1,p2
    private static IPEndPoint? ParsePort(ReadOnlySpan<byte> argument)
    {
        Span<byte> numbers = stackalloc byte[6];
        for (var i = 0; i < numbers.Length; i++)
        {
            if (i > 0)
            {
                if (argument.IsEmpty || argument[0] != ',')
                    return null;
                argument = argument[1..];
            }

            if (argument.IsEmpty || !char.IsAsciiDigit((char)argument[0]) || !Utf8Parser.TryParse(argument, out numbers[i], out var used))
                return null;
            argument = argument[used..];
        }

        return argument.IsEmpty ? new IPEndPoint(new IPAddress(numbers[..4]), (numbers[4] << 8) | numbers[5]) : null;
    }

    // <d>family<d>address<d>port<d>, where <d> is any printable character
    private static IPEndPoint? ParseEprt(ReadOnlySpan<byte> argument)
    {
        if (argument.Length < 2 || argument[0] is < 33 or > 126 || argument[^1] != argument[0])
            return null;
        var parts = Encoding.ASCII.GetString(argument[1..^1]).Split((char)argument[0]);
        if (parts.Length != 3 || !IPAddress.TryParse(parts[1], out var address) || !ushort.TryParse(parts[2], out var port))
            return null;
        var family = parts[0] switch { "1" => AddressFamily.InterNetwork, "2" => AddressFamily.InterNetworkV6, _ => AddressFamily.Unknown };
        return family == address.AddressFamily ? new IPEndPoint(address, port) : null;
    }

    private static bool Matches(ReadOnlySpan<byte> start, ReadOnlySpan<byte> verb) =>
        Ascii.EqualsIgnoreCase(start.Length < verb.Length ? start : start[..verb.Length], verb[..Math.Min(start.Length, verb.Length)]);
}
