using System.Net;
using System.Net.Sockets;
using System.Runtime.Versioning;
using FwRedirect.Redirector.Diversion.Windows.Routes.Native;

namespace FwRedirect.Redirector.Diversion.Windows.Routes;

/// <summary>What this machine's own routes call near: every destination but the default one. The networks of its interfaces are among them.</summary>
[SupportedOSPlatform("windows")]
internal static class LocalNetworks
{
    /// <summary>0.0.0.0/1 and 128.0.0.0/1 are how tunnels cover the default route without replacing it: a default route in two halves.</summary>
    private const int ShortestPrefix = 2;

    /// <summary>IPv4 and IPv6, each network once.</summary>
    public static IReadOnlyList<IPNetwork> Read() =>
        Among([.. ForwardTable.Read(AddressFamily.InterNetwork), .. ForwardTable.Read(AddressFamily.InterNetworkV6)]);

    public static IReadOnlyList<IPNetwork> Among(IEnumerable<IpForwardRow> routes) =>
        [.. routes.Select(r => r.Network).OfType<IPNetwork>().Where(n => n.PrefixLength >= ShortestPrefix).Distinct()];
}
