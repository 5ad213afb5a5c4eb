using System.Runtime.Versioning;

namespace FwRedirect.Redirector.Diversion.Linux.Rules;

/// <summary>Whether this network namespace has a default route that leads anywhere; our own fallback route leads to lo.</summary>
[SupportedOSPlatform("linux")]
internal static class DefaultRoute
{
    public static bool Exists() => Exists(File.ReadLines("/proc/thread-self/net/route"));

    /// <summary>Reads what /proc/net/route prints: Iface, Destination, Gateway, Flags, RefCnt, Use, Metric, Mask, ...; numbers in hex.</summary>
    public static bool Exists(IEnumerable<string> table) => table
        .Select(line => line.Split('\t', StringSplitOptions.TrimEntries))
        .Any(fields => fields is [not "lo" and not "Iface", "00000000", _, _, _, _, _, "00000000", ..]);
}
