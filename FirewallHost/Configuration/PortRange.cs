using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace FwRedirect.FirewallHost.Configuration;

/// <summary>Ports from <paramref name="First"/> to <paramref name="Last"/>, both included.</summary>
internal sealed record PortRange(int First, int Last)
{
    public int Count => Last - First + 1;

    public bool Contains(int port) => port >= First && port <= Last;

    /// <summary>"21" or "6789-6852".</summary>
    public static bool TryParse(string text, [NotNullWhen(true)] out PortRange? range)
    {
        range = null;
        var dash = text.IndexOf('-', StringComparison.Ordinal);
        if (!TryPort(dash < 0 ? text : text[..dash], out var first))
            return false;
        var last = first;
        if (dash >= 0 && !TryPort(text[(dash + 1)..], out last))
            return false;
        if (last < first)
            return false;
        range = new PortRange(first, last);
        return true;
    }

    public override string ToString() => First == Last ? $"{First}" : $"{First}-{Last}";

    private static bool TryPort(string text, out int port) =>
        int.TryParse(text.Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out port) && port is > 0 and <= 65535;
}
