using System.Net;
using System.Net.Sockets;
using System.Runtime.Versioning;
using FwRedirect.Redirector.Diversion.Windows.Filters;

namespace FwRedirect.Redirector.Diversion.Windows.Blocking;

/// <summary>Where programs may go while the block stands: what is local, and the machine's own business. No network stands in another one.</summary>
[SupportedOSPlatform("windows")]
internal sealed record PermittedDestinations(IReadOnlyList<IPNetwork> IPv4, IReadOnlyList<IPNetwork> IPv6)
{
    public static PermittedDestinations Of(IEnumerable<IPNetwork> local)
    {
        var networks = local.ToArray();
        return new PermittedDestinations(
            Widest([.. NeverRedirected.IPv4, .. networks.Where(n => n.BaseAddress.AddressFamily == AddressFamily.InterNetwork)]),
            Widest([.. NeverRedirected.IPv6, .. networks.Where(n => n.BaseAddress.AddressFamily == AddressFamily.InterNetworkV6)]));
    }

    private static List<IPNetwork> Widest(IEnumerable<IPNetwork> networks)
    {
        var widest = new List<(IPNetwork Network, AddressRange Range)>();
        foreach (var network in networks.OrderBy(n => n.PrefixLength))
        {
            var range = AddressRange.Of(network);
            if (!widest.Exists(w => w.Range.Contains(range)))
                widest.Add((network, range));
        }

        return [.. widest.Select(w => w.Network)];
    }
}
