using System.Net.Sockets;
using System.Runtime.Versioning;
using FwRedirect.Redirector.Diversion.Linux.Native;

namespace FwRedirect.Redirector.Diversion.Linux.Rules;

/// <summary>Whether this network namespace has a default route that leads anywhere; our own fallback route leads to lo.</summary>
[SupportedOSPlatform("linux")]
internal static class DefaultRoute
{
    /// <param name="family">Of which IP version.</param>
    public static bool Exists(AddressFamily family) => family == AddressFamily.InterNetwork
        ? Exists(File.ReadLines("/proc/thread-self/net/route"))
        : IPv6Stack.Exists() && ExistsV6(File.ReadLines("/proc/thread-self/net/ipv6_route"));

    /// <summary>Reads what /proc/net/route prints: Iface, Destination, Gateway, Flags, RefCnt, Use, Metric, Mask, ...; numbers in hex.</summary>
    public static bool Exists(IEnumerable<string> table) => table
        .Select(line => line.Split('\t', StringSplitOptions.TrimEntries))
        .Any(fields => fields is [not "lo" and not "Iface", "00000000", _, _, _, _, _, "00000000", ..]);

    /// <summary>Reads what /proc/net/ipv6_route prints: destination, its prefix length, source, its prefix length, next hop, metric, two counts, flags, device; numbers in hex.</summary>
    public static bool ExistsV6(IEnumerable<string> table) => table
        .Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        .Any(fields => fields is [var destination, "00", _, _, _, _, _, _, _, not "lo"] && destination.All(digit => digit == '0'));
}
