using System.Net;
using System.Net.Sockets;
using System.Runtime.Versioning;

namespace FwRedirect.Redirector.Diversion.Linux.Rules;

/// <summary>IPv4 destinations as iptables matches them: "10.0.0.0/8", "10.1.2.3" or "10.0.0.1-10.0.0.9".</summary>
[SupportedOSPlatform("linux")]
internal static class AddressMatch
{
    /// <summary>The match for one entry, made from parsed numbers only; null for IPv6, which these rules never see.</summary>
    /// <exception cref="FormatException">The entry is none of the three.</exception>
    public static string? Destination(string entry)
    {
        var dash = entry.IndexOf('-', StringComparison.Ordinal);
        if (dash > 0 && IPAddress.TryParse(entry.AsSpan(0, dash), out var first) && IPAddress.TryParse(entry.AsSpan(dash + 1), out var last))
            return IsIPv4(first) && IsIPv4(last) ? $"-m iprange --dst-range {first}-{last}" : null;
        if (IPNetwork.TryParse(entry, out var network)) return IsIPv4(network.BaseAddress) ? $"-d {network}" : null;
        if (IPAddress.TryParse(entry, out var address)) return IsIPv4(address) ? $"-d {address}" : null;
        throw new FormatException($"'{entry}' is no address, network or range");
    }

    public static bool IsIPv4(IPAddress address) => address.AddressFamily == AddressFamily.InterNetwork;
}
