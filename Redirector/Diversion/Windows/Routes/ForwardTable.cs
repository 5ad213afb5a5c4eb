using System.ComponentModel;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Runtime.Versioning;
using FwRedirect.Redirector.Diversion.Windows.Routes.Native;

namespace FwRedirect.Redirector.Diversion.Windows.Routes;

/// <summary>The machine's routes as they are now.</summary>
[SupportedOSPlatform("windows")]
internal static unsafe class ForwardTable
{
    /// <exception cref="IOException">The system does not tell.</exception>
    public static IReadOnlyList<IpForwardRow> Read(AddressFamily family)
    {
        Check("the routes can not be read", IpHelper.GetForwardTable(
            family == AddressFamily.InterNetwork ? SocketAddressInet.FamilyInet : SocketAddressInet.FamilyInet6, out var table));
        try
        {
            return MemoryMarshal.Cast<byte, IpForwardRow>(new ReadOnlySpan<byte>(table + IpHelper.RowsOffset, checked(*(int*)table * sizeof(IpForwardRow)))).ToArray();
        }
        finally
        {
            IpHelper.FreeTable(table);
        }
    }

    /// <summary>The route that packets to <paramref name="destination"/> take: the narrowest, then the one of the lowest metric; null where there is none.</summary>
    public static IpForwardRow? WayTo(IPAddress destination, IEnumerable<IpForwardRow> routes)
    {
        var ways = routes.Where(r => r.Network is { } n && n.BaseAddress.AddressFamily == destination.AddressFamily && n.Contains(destination))
            .OrderByDescending(r => r.PrefixLength).ThenBy(r => r.Metric).Take(1).ToArray();
        return ways.Length == 0 ? null : ways[0];
    }

    public static void Check(string failure, uint error)
    {
        if (error != 0)
            throw new IOException($"{failure}: {new Win32Exception((int)error).Message} (error {error})");
    }
}
