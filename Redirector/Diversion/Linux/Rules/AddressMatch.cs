using System.Net;
using System.Net.Sockets;
using System.Runtime.Versioning;

namespace FwRedirect.Redirector.Diversion.Linux.Rules;

/// <summary>Destinations as iptables and ip6tables matches them: "10.0.0.0/8", "10.1.2.3" or "10.0.0.1-10.0.0.9".</summary>
[SupportedOSPlatform("linux")]
internal static class AddressMatch
{
    /// <summary>The match of iptables for one entry, made from parsed numbers only; null for IPv6.</summary>
    /// <exception cref="FormatException">The entry is none of the three.</exception>
    public static string? Destination(string entry) => Destination(entry, AddressFamily.InterNetwork);

    /// <summary>The match of ip6tables; null for IPv4.</summary>
    /// <exception cref="FormatException">The entry is none of the three.</exception>
    public static string? DestinationV6(string entry) => Destination(entry, AddressFamily.InterNetworkV6);

    public static bool IsIPv4(IPAddress address) => address.AddressFamily == AddressFamily.InterNetwork;

    private static string? Destination(string entry, AddressFamily family)
    {
        var dash = entry.IndexOf('-', StringComparison.Ordinal);
        if (dash > 0 && IPAddress.TryParse(entry.AsSpan(0, dash), out var first) && IPAddress.TryParse(entry.AsSpan(dash + 1), out var last))
            return first.AddressFamily == family && last.AddressFamily == family ? $"-m iprange --dst-range {first}-{last}" : null;
        if (IPNetwork.TryParse(entry, out var network)) return network.BaseAddress.AddressFamily == family ? $"-d {network}" : null;
        if (IPAddress.TryParse(entry, out var address)) return address.AddressFamily == family ? $"-d {address}" : null;
        throw new FormatException($"'{entry}' is no address, network or range");
    }
}
