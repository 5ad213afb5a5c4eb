using System.Net;
using System.Net.Sockets;
using System.Runtime.Versioning;
using FwRedirect.Redirector.Diversion.Windows.Routes.Native;

namespace FwRedirect.Redirector.Diversion.Windows.Routes;

/// <summary>
/// A default route for a machine that has none of an IP version: without one a connect fails with "network unreachable" before there is any packet to divert. It leads where the
/// firewall is, which does not forward, and any real route wins over its metric. It does not outlive a restart of the machine.
/// </summary>
[SupportedOSPlatform("windows")]
internal sealed class FallbackRoute : IDisposable
{
    /// <summary>By which the next start knows it. Windows' own metrics go up to 9999 (route.exe); nobody types this one.</summary>
    public const uint Metric = 9746;

    private const uint Infinite = uint.MaxValue;

    private readonly AddressFamily _family;

    private FallbackRoute(AddressFamily family) => _family = family;

    /// <summary>Adds the route; null where the machine has a default route of its own.</summary>
    /// <exception cref="IOException">There is no way to the firewall, or Windows refused the route.</exception>
    /// <exception cref="EntryPointNotFoundException">A Windows without the call: Wine.</exception>
    public static FallbackRoute? Install(IPAddress firewall)
    {
        var family = firewall.AddressFamily;
        var routes = ForwardTable.Read(family);
        if (DefaultRoute.Among(routes, family))
        {
            Remove(family);
            return null;
        }

        var wanted = Compose(firewall, routes.Where(route => !IsOurs(route)));
        // As it is to be, it stays: each change of routes is told to whoever called this, who would call again.
        if (routes.Any(route => IsOurs(route) && route.InterfaceLuid == wanted.InterfaceLuid && Equals(route.NextHop.Address, wanted.NextHop.Address)))
            return new FallbackRoute(family);
        Remove(family);
        ForwardTable.Check("the fallback route can not be added", IpHelper.CreateForwardEntry(wanted));
        return new FallbackRoute(family);
    }

    /// <summary>Removes our routes of both IP versions, and no other; false where there is none.</summary>
    public static bool Remove()
    {
        var four = Remove(AddressFamily.InterNetwork);
        return Remove(AddressFamily.InterNetworkV6) || four;
    }

    private static bool Remove(AddressFamily family)
    {
        var ours = ForwardTable.Read(family).Where(IsOurs).ToArray();
        foreach (var route in ours)
        {
            if (IpHelper.DeleteForwardEntry(route) is not (0 or IpHelper.NotFound) and var error)
                ForwardTable.Check("the fallback route can not be removed", error);
        }

        return ours.Length > 0;
    }

    public static bool IsOurs(IpForwardRow route) =>
        route is { PrefixLength: 0, Metric: Metric, Protocol: IpForwardRow.ProtocolNetManagement };

    /// <summary>The route by way of the firewall, or of the router that leads to it: a next hop on the link either way.</summary>
    public static IpForwardRow Compose(IPAddress firewall, IEnumerable<IpForwardRow> routes)
    {
        if (ForwardTable.WayTo(firewall, routes) is not { } way)
            throw new IOException($"there is no route to the firewall {firewall}");
        var any = firewall.AddressFamily == AddressFamily.InterNetwork ? IPAddress.Any : IPAddress.IPv6Any;
        var onLink = any.Equals(way.NextHop.Address);
        return new IpForwardRow
        {
            InterfaceLuid = way.InterfaceLuid,
            InterfaceIndex = way.InterfaceIndex,
            Destination = SocketAddressInet.From(any),
            NextHop = onLink ? SocketAddressInet.From(firewall) : way.NextHop,
            Metric = Metric,
            Protocol = IpForwardRow.ProtocolNetManagement,
            ValidLifetime = Infinite,
            PreferredLifetime = Infinite,
            Immortal = 1,
        };
    }

    public void Dispose() => Remove(_family);
}
