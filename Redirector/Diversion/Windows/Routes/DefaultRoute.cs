using System.Net.Sockets;
using System.Runtime.Versioning;
using FwRedirect.Redirector.Diversion.Windows.Routes.Native;

namespace FwRedirect.Redirector.Diversion.Windows.Routes;

/// <summary>Whether this machine has a default route (IPv4) that is not our own.</summary>
[SupportedOSPlatform("windows")]
internal static class DefaultRoute
{
    public static bool Exists() => Among(ForwardTable.Read(AddressFamily.InterNetwork));

    public static bool Among(IEnumerable<IpForwardRow> routes) =>
        routes.Any(r => r.PrefixLength == 0 && r.Destination.Family == SocketAddressInet.FamilyInet && !FallbackRoute.IsOurs(r));
}
