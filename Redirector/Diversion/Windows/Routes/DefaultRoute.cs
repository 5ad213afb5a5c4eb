using System.Net.Sockets;
using System.Runtime.Versioning;
using FwRedirect.Redirector.Diversion.Windows.Routes.Native;

namespace FwRedirect.Redirector.Diversion.Windows.Routes;

/// <summary>Whether this machine has a default route that is not our own.</summary>
[SupportedOSPlatform("windows")]
internal static class DefaultRoute
{
    /// <param name="family">Of which IP version.</param>
    public static bool Exists(AddressFamily family) => Among(ForwardTable.Read(family), family);

    public static bool Among(IEnumerable<IpForwardRow> routes, AddressFamily family) =>
        routes.Any(r => r.PrefixLength == 0 && r.Network?.BaseAddress.AddressFamily == family && !FallbackRoute.IsOurs(r));
}
