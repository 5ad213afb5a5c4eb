using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace FwRedirect.ControlChannel.Settings;

/// <summary>
/// Ports as administrators write them: "7000-7022, 7100". 0 stands for a port of the system's choosing, as the Firewall Client had it ("0,1025-5000"). Kept in order, ranges that touch
/// made one.
/// </summary>
internal sealed class PortList
{
    private readonly (int First, int Last)[] _ranges;

    private PortList(IEnumerable<(int First, int Last)> ranges)
    {
        var merged = new List<(int First, int Last)>();
        foreach (var range in ranges.Order())
        {
            // 0 is no port: it never becomes part of a range.
            if (merged.Count > 0 && merged[^1].First > 0 && range.First <= merged[^1].Last + 1)
                merged[^1] = (merged[^1].First, Math.Max(merged[^1].Last, range.Last));
            else if (merged.Count == 0 || range != merged[^1])
                merged.Add(range);
        }

        _ranges = [.. merged];
    }

    public static PortList Empty { get; } = new([]);

    public bool IsEmpty => _ranges.Length == 0;

    /// <summary>0 is in the list: a port that the program left to the system is meant too.</summary>
    public bool HasDynamic => _ranges.Length > 0 && _ranges[0].First == 0;

    /// <summary>True where <paramref name="port"/> itself is listed; 0 stands for no port here.</summary>
    public bool Contains(int port)
    {
        foreach (var (first, last) in _ranges)
        {
            if (port >= first && port <= last && port != 0)
                return true;
        }

        return false;
    }

    /// <summary>True where every port of <paramref name="other"/> is in this list too.</summary>
    public bool Covers(PortList other) => other._ranges.All(o => _ranges.Any(own => own.First <= o.First && own.Last >= o.Last));

    /// <summary>What both lists have, in words; null where they have nothing in common.</summary>
    public string? Common(PortList other)
    {
        foreach (var own in _ranges)
        {
            foreach (var theirs in other._ranges)
            {
                var (first, last) = (Math.Max(own.First, theirs.First), Math.Min(own.Last, theirs.Last));
                if (first <= last)
                    return Text((first, last));
            }
        }

        return null;
    }

    /// <summary>Commas, semicolons or blanks between; "", and a range that runs backwards or begins at 0, are wrong.</summary>
    public static bool TryParse(string text, [NotNullWhen(true)] out PortList? list)
    {
        list = null;
        var ranges = new List<(int First, int Last)>();
        foreach (var item in text.Split([',', ';', ' ', '\t'], StringSplitOptions.RemoveEmptyEntries))
        {
            var dash = item.IndexOf('-', StringComparison.Ordinal);
            if (!TryPort(dash < 0 ? item : item[..dash], out var first))
                return false;
            var last = first;
            if (dash >= 0 && (!TryPort(item[(dash + 1)..], out last) || first == 0))
                return false;
            if (last < first)
                return false;
            ranges.Add((first, last));
        }

        list = new PortList(ranges);
        return !list.IsEmpty;
    }

    public override string ToString() => string.Join(",", _ranges.Select(Text));

    private static string Text((int First, int Last) range) =>
        range.First == range.Last ? range.First.ToString(CultureInfo.InvariantCulture) : string.Create(CultureInfo.InvariantCulture, $"{range.First}-{range.Last}");

    private static bool TryPort(string text, out int port) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out port) && port <= 65535;
}
