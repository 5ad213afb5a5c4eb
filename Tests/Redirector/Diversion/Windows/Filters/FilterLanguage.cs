using System.Globalization;
using System.Net;
using System.Text.RegularExpressions;
using FwRedirect.Redirector.Packets;

namespace FwRedirect.Tests.Redirector.Diversion.Windows.Filters;

/// <summary>
/// As much of WinDivert 2.2's filter language, NETWORK layer, as our filters use, from its documented grammar and the traps that its compiler was seen to have. Strict where
/// the compiler is: a text that this takes, the driver takes.
/// </summary>
internal sealed partial class FilterLanguage
{
    private const int MostTests = 255;
    private const int LongestToken = 39;

    private readonly string[] _tokens;
    private readonly Func<FilterSample, bool> _matches;
    private int _next;

    public FilterLanguage(string filter)
    {
        _tokens = [.. Token().Matches(filter).Select(m => m.Value)];
        if (string.Concat(_tokens) != string.Concat(filter.Where(c => c != ' ')))
            throw new FormatException($"\"{filter}\" has a character that is none of the language");
        if (_tokens.FirstOrDefault(t => t.Length > LongestToken) is { } tooLong)
            throw new FormatException($"\"{tooLong}\" is longer than {LongestToken} characters");
        _matches = Or();
        if (_next < _tokens.Length)
            throw new FormatException($"\"{_tokens[_next]}\" follows a complete filter");
        if (Tests > MostTests)
            throw new FormatException($"{Tests} tests; the driver takes {MostTests}");
    }

    public int Tests { get; private set; }

    public bool Matches(FilterSample sample) => _matches(sample);

    private Func<FilterSample, bool> Or()
    {
        var all = new List<Func<FilterSample, bool>> { And() };
        while (Take("or", "||"))
            all.Add(And());
        return s => all.Any(f => f(s));
    }

    private Func<FilterSample, bool> And()
    {
        var all = new List<Func<FilterSample, bool>> { Operand() };
        while (Take("and", "&&"))
            all.Add(Operand());
        return s => all.All(f => f(s));
    }

    private Func<FilterSample, bool> Operand()
    {
        if (Take("true"))
            return _ => true;
        if (Take("false"))
            return _ => false;
        return Take("(") ? Parenthesis() : Test();
    }

    private Func<FilterSample, bool> Parenthesis()
    {
        var inner = Or();
        if (Take("?"))
        {
            var (condition, then) = (inner, Or());
            Expect(":");
            var otherwise = Or();
            inner = s => condition(s) ? then(s) : otherwise(s);
        }

        Expect(")");
        return inner;
    }

    /// <summary>"not" binds to one test and never to a parenthesis. A field that the packet has not makes the test false, with "not" and without.</summary>
    private Func<FilterSample, bool> Test()
    {
        var negated = false;
        while (Take("not", "!"))
            negated = !negated;
        var name = Word();
        var read = Field(name);
        Tests++;
        var compare = Comparison(Compare("==", "!=", "<", ">", "<=", ">="));
        return s => read(s) is { } value && compare(value) != negated;
    }

    private Func<UInt128, bool> Comparison(string? sign)
    {
        if (sign is null)
            return v => v != 0;
        var right = Literal(Word());
        return sign switch
        {
            "==" => v => v == right,
            "!=" => v => v != right,
            "<" => v => v < right,
            ">" => v => v > right,
            "<=" => v => v <= right,
            _ => v => v >= right,
        };
    }

    private static Func<FilterSample, UInt128?> Field(string name) => name switch
    {
        "loopback" => s => s.Loopback ? 1u : 0u,
        "outbound" => s => s.Outbound ? 1u : 0u,
        "inbound" => s => s.Outbound ? 0u : 1u,
        "ip" => s => s.View.IsIPv4 ? 1u : 0u,
        "ipv6" => s => s.View.IsIPv4 ? 0u : 1u,
        "tcp" => s => s.View.Protocol == IpProtocol.Tcp ? 1u : 0u,
        "udp" => s => s.View.Protocol == IpProtocol.Udp ? 1u : 0u,
        "icmp" => s => s.View.Protocol == IpProtocol.Icmp ? 1u : 0u,
        "icmpv6.Type" => s => s.View.Protocol == IpProtocol.IcmpV6 ? s.View.Transport[0] : null,
        "remoteAddr" => s => s.Remote.Address,
        "localAddr" => s => s.Local.Address,
        "remotePort" => s => s.Remote.Port,
        "localPort" => s => s.Local.Port,
        "tcp.DstPort" => s => s.View.Protocol == IpProtocol.Tcp ? s.View.Destination.Port : null,
        "tcp.SrcPort" => s => s.View.Protocol == IpProtocol.Tcp ? s.View.Source.Port : null,
        "udp.DstPort" => s => s.View.Protocol == IpProtocol.Udp ? s.View.Destination.Port : null,
        "udp.SrcPort" => s => s.View.Protocol == IpProtocol.Udp ? s.View.Source.Port : null,
        "tcp.Syn" => s => s.View.Protocol == IpProtocol.Tcp ? (s.View.Flags & TcpFlags.Syn) != 0 ? 1u : 0u : null,
        "icmp.Type" => s => s.View.Protocol == IpProtocol.Icmp ? s.View.Transport[0] : null,
        _ => throw new FormatException($"\"{name}\" is no field"),
    };

    private static UInt128 Literal(string text)
    {
        if (ulong.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number))
            return number;
        // No networks and no short forms: IPAddress would take "10.1" too.
        if ((text.Count(c => c == '.') == 3 || text.Contains(':', StringComparison.Ordinal)) && IPAddress.TryParse(text, out var address))
            return PacketEndpoint.From(address, 0).Address;
        throw new FormatException($"\"{text}\" is no value");
    }

    private bool Take(params ReadOnlySpan<string> any)
    {
        if (_next >= _tokens.Length || !any.Contains(_tokens[_next]))
            return false;
        _next++;
        return true;
    }

    private string? Compare(params ReadOnlySpan<string> any) => Take(any) ? _tokens[_next - 1] : null;

    private void Expect(string token)
    {
        if (!Take(token))
            throw new FormatException($"\"{token}\" is wanted before \"{string.Concat(_tokens.Skip(_next).Take(1))}\"");
    }

    private string Word() => _next < _tokens.Length && (char.IsAsciiLetterOrDigit(_tokens[_next][0]) || _tokens[_next][0] == ':')
        ? _tokens[_next++]
        : throw new FormatException($"a field or value is wanted before \"{string.Concat(_tokens.Skip(_next).Take(1))}\"");

    [GeneratedRegex(@"[A-Za-z0-9_.]+(?:::?[A-Za-z0-9.]+)*(?:::)?|::[A-Za-z0-9.:]*|&&|\|\||[=!<>]=|[()!<>?:]", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Token();
}
