using System.Net;
using System.Net.Sockets;
using System.Runtime.Versioning;
using FwRedirect.Redirector.Packets;

namespace FwRedirect.Redirector.Diversion.Windows.Filters;

/// <summary>
/// The filter of the NETWORK handle, in WinDivert's language. What it leaves out never enters user mode, so it is as narrow as it can be: TCP, UDP and
/// pings to what is not local, DNS queries, what the firewall sends, and ICMP errors, which may quote a packet that we rewrote; of IPv6 what is to be redirected or refused, and
/// nothing that a link lives by. Addresses of both families are compared as 128-bit numbers.
/// </summary>
[SupportedOSPlatform("windows")]
internal static class DiversionFilter
{
    /// <summary>The driver takes no filter with more (WINDIVERT_FILTER_MAXLEN is 256, and its end is one).</summary>
    public const int MostTests = 255;

    /// <summary>
    /// Those of the filter below that are always there: !loopback, ip, outbound, tcp, udp.DstPort twice, icmp.Type twice, udp.DstPort, inbound, icmp.Type twice, tcp, udp.SrcPort twice;
    /// ipv6, outbound, udp.DstPort, tcp, udp, icmpv6.Type.
    /// </summary>
    private const int FixedTests = 21;

    /// <summary>Of ranges of IPv6: a machine has a few on-link prefixes. What is left over is IPv4's, which has the long lists.</summary>
    private const int MostTestsV6 = 40;

    /// <summary>Address and port of each firewall, once outbound and once inbound.</summary>
    private const int TestsOfFirewall = 4;

    public static string Build(DiversionFilterOptions options) => Build(options, out _);

    /// <param name="leftOut">Ranges of local addresses that had no room: their packets are diverted, and pass by the rules.</param>
    public static string Build(DiversionFilterOptions options, out int leftOut)
    {
        var firewalls = options.FirewallAddresses.Where(IsIPv4).ToArray();
        var localV6 = Merge([.. NeverRedirected.OnLinkV6, .. options.LocalNetworks], AddressFamily.InterNetworkV6);
        var excludedV6 = Choose(localV6, Merge(NeverRedirected.OnLinkV6, AddressFamily.InterNetworkV6), AddressRange.IPv6, MostTestsV6);
        var local = Merge([.. NeverRedirected.IPv4, .. options.LocalNetworks], AddressFamily.InterNetwork);
        var room = MostTests - FixedTests - (firewalls.Length * TestsOfFirewall) - excludedV6.Sum(r => TestsOf(r, AddressRange.IPv6));
        var excluded = Choose(local, Merge(NeverRedirected.IPv4, AddressFamily.InterNetwork), AddressRange.IPv4, room);
        leftOut = local.Count - excluded.Count + localV6.Count - excludedV6.Count;
        return $"!loopback and ((ip and ((outbound and {Outbound(firewalls, options.ControlPort, excluded)}) or (inbound and {Inbound(firewalls, options.ControlPort)})))"
            + $" or (ipv6 and outbound and {OutboundV6(excludedV6, options.RefuseIPv6)}))";
    }

    /// <summary>Connections and names as of IPv4. Of ICMPv6 the echo request alone: errors, neighbour discovery and multicast listeners are the link's.</summary>
    private static string OutboundV6(IReadOnlyList<AddressRange> excluded, bool refuse)
    {
        const string Dns = "udp.DstPort == 53";
        if (excluded.Contains(AddressRange.IPv6))
            return Dns;
        var conditions = excluded.Select(range => Outside(range, AddressRange.IPv6));
        return $"({Dns} or ({(refuse ? "(tcp or udp or icmpv6.Type == 128)" : "tcp")} and {string.Join(" and ", conditions)}))";
    }

    private static string Outbound(IPAddress[] firewalls, ushort controlPort, IReadOnlyList<AddressRange> excluded)
    {
        const string Dns = "udp.DstPort == 53";
        // ICMP: echo requests, and this machine's own errors about packets of the firewall.
        // UDP but DHCP: how this machine gets its addresses is no program's traffic, and the driver does not put it back rightly. A test of a port is false for what has none.
        const string Redirected = "(tcp or (udp.DstPort != 67 and udp.DstPort != 68) or icmp.Type == 8 or icmp.Type == 3)";
        if (excluded.Contains(AddressRange.IPv4))
            return Dns;
        // The control channel stands here even where the firewall is local: should its network have no room, we must not divert ourselves.
        var conditions = excluded.Select(range => Outside(range, AddressRange.IPv4)).Concat(firewalls.Select(f => $"(remoteAddr != {f} or remotePort != {controlPort})"));
        return $"(({Redirected} and {string.Join(" and ", conditions)}) or {Dns})";
    }

    private static string Inbound(IPAddress[] firewalls, ushort controlPort)
    {
        // Unreachable (too big among them) and time exceeded. Any router on the way may send the error, not the firewall alone.
        const string Error = "icmp.Type == 3 or icmp.Type == 11";
        // A firewall may well be the one that gives this machine its addresses.
        const string Flows = "(tcp or (udp.SrcPort != 67 and udp.SrcPort != 68))";
        return firewalls.Length == 0
            ? $"({Error})"
            : $"({Error} or ({Flows} and ({string.Join(" or ", firewalls.Select(f => $"(remoteAddr == {f} and remotePort != {controlPort})"))})))";
    }

    /// <summary>What must be excluded, then the largest, as long as there is room; in order.</summary>
    private static List<AddressRange> Choose(IReadOnlyList<AddressRange> local, IReadOnlyList<AddressRange> always, AddressRange whole, int room)
    {
        var chosen = new List<AddressRange>();
        foreach (var range in local.OrderByDescending(r => always.Any(r.Contains)).ThenByDescending(r => r.Last - r.First))
        {
            var tests = TestsOf(range, whole);
            if (tests > room)
                continue;
            room -= tests;
            chosen.Add(range);
        }

        return [.. chosen.OrderBy(r => r.First)];
    }

    private static int TestsOf(AddressRange range, AddressRange whole) =>
        range.First == range.Last || range.First == whole.First || range.Last == whole.Last ? 1 : 2;

    /// <summary>The language has no networks, and its "not" binds to one test: two comparisons, or one at either end of the family.</summary>
    private static string Outside(AddressRange range, AddressRange whole)
    {
        if (range.First == range.Last)
            return $"remoteAddr != {Text(range.First)}";
        if (range.First == whole.First)
            return $"remoteAddr > {Text(range.Last)}";
        if (range.Last == whole.Last)
            return $"remoteAddr < {Text(range.First)}";
        return $"(remoteAddr < {Text(range.First)} or remoteAddr > {Text(range.Last)})";
    }

    private static IReadOnlyList<AddressRange> Merge(IEnumerable<IPNetwork> networks, AddressFamily family) =>
        AddressRange.Merge(networks.Where(n => n.BaseAddress.AddressFamily == family).Select(AddressRange.Of));

    private static bool IsIPv4(IPAddress address) => address.AddressFamily == AddressFamily.InterNetwork;

    private static IPAddress Text(UInt128 address) => new PacketEndpoint(address, 0).ToIPEndPoint().Address;
}
