using System.Net;
using System.Runtime.Versioning;

namespace FwRedirect.Redirector.Diversion.Windows.Filters;

/// <summary>
/// Networks that are nobody's business but the machine's and its link's own (RFC 6890). They stand in the filter itself, whatever else has room there: a packet to
/// many that is taken out and put back does not arrive as it left.
/// </summary>
[SupportedOSPlatform("windows")]
internal static class NeverRedirected
{
    /// <summary>This network, loopback, link-local, multicast, reserved and broadcast.</summary>
    public static readonly IReadOnlyList<IPNetwork> IPv4 =
        [.. new[] { "0.0.0.0/8", "127.0.0.0/8", "169.254.0.0/16", "224.0.0.0/4", "240.0.0.0/4" }.Select(n => IPNetwork.Parse(n))];

    /// <summary>Loopback, link-local, multicast. Unique local addresses are near only where a route leads there.</summary>
    public static readonly IReadOnlyList<IPNetwork> OnLinkV6 = [.. new[] { "::1/128", "fe80::/10", "ff00::/8" }.Select(n => IPNetwork.Parse(n))];

    /// <summary>Loopback, unique local, link-local, multicast.</summary>
    public static readonly IReadOnlyList<IPNetwork> IPv6 = [.. new[] { "::1/128", "fc00::/7", "fe80::/10", "ff00::/8" }.Select(n => IPNetwork.Parse(n))];
}
