using System.Runtime.Versioning;

namespace FwRedirect.Redirector.Diversion.Linux.Native;

/// <summary>Whether this network namespace has IPv6: some kernels are built, booted (ipv6.disable=1) or set (disable_ipv6) without it.</summary>
[SupportedOSPlatform("linux")]
internal static class IPv6Stack
{
    private const string Addresses = "/proc/thread-self/net/if_inet6";

    private static readonly string[] Switches = ["/proc/sys/net/ipv6/conf/all/disable_ipv6", "/proc/sys/net/ipv6/conf/default/disable_ipv6"];

    /// <summary>False where the kernel knows no IPv6 at all.</summary>
    public static bool Exists() => File.Exists(Addresses);

    /// <summary>True where the machine has an address of its own by which it could be reached beyond its links.</summary>
    public static bool HasUsableAddress() => Exists() && HasUsableAddress(File.ReadLines(Addresses));

    /// <summary>Scope 0x00 is global, which unique local addresses (RFC 4193) are for the kernel too; a link-local one is 0x20.</summary>
    public static bool HasUsableAddress(IEnumerable<string> table) =>
        table.Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries)).Any(fields => fields is [_, _, _, "00", _, not "lo"]);

    /// <summary>True where there is no address but loopback's, and none will come by itself.</summary>
    public static bool IsSilent() => !Exists() || (!HasAddress(File.ReadLines(Addresses)) && Switches.All(path => File.ReadAllText(path).Trim() == "1"));

    /// <summary>Reads what /proc/net/if_inet6 prints: address, interface index, prefix length, scope, flags, name.</summary>
    public static bool HasAddress(IEnumerable<string> table) =>
        table.Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries)).Any(fields => fields is [_, _, _, _, _, not "lo"]);
}
