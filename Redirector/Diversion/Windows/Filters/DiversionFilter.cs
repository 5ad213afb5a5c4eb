using System.Net;
using System.Net.Sockets;
using System.Runtime.Versioning;
using FwRedirect.Redirector.Packets;

namespace FwRedirect.Redirector.Diversion.Windows.Filters;

/// <summary>
/// The filter of the NETWORK handle, in WinDivert's language. What it leaves out never enters user mode, so it is as narrow as it can be: TCP and
/// pings to what is not local, DNS queries, what the firewall sends, and ICMP errors, which may quote a packet that we rewrote. IPv4 only: "ip" keeps IPv6 out, and its ranges are
/// compared as 128-bit numbers already.
/// </summary>
[SupportedOSPlatform("windows")]
internal static class DiversionFilter
{
    /// <summary>The driver takes no filter with more (WINDIVERT_FILTER_MAXLEN is 256, and its end is one).</summary>
    public const int MostTests = 255;

    /// <summary>Those of the filter below that are always there: !loopback, ip, outbound, tcp, icmp.Type twice, udp.DstPort, inbound, icmp.Type twice, tcp.</summary>
    private const int FixedTests = 11;

    /// <summary>Address and port of each firewall, once outbound and once inbound.</summary>
    private const int TestsOfFirewall = 4;

    public static string Build(DiversionFilterOptions options) => Build(options, out _);

    /// <param name="leftOut">Ranges of local addresses that had no room: their packets are diverted, and pass by the rules.</param>
    public static string Build(DiversionFilterOptions options, out int leftOut)
    {
        var firewalls = options.FirewallAddresses.Where(IsIPv4).ToArray();
        var local = Merge([.. NeverRedirected.IPv4, .. options.LocalNetworks]);
        var excluded = Choose(local, MostTests - FixedTests - (firewalls.Length * TestsOfFirewall));
        leftOut = local.Count - excluded.Count;
        return $"!loopback and ip and ((outbound and {Outbound(firewalls, options.ControlPort, excluded)}) or (inbound and {Inbound(firewalls, options.ControlPort)}))";
    }

    private static string Outbound(IPAddress[] firewalls, ushort controlPort, IReadOnlyList<AddressRange> excluded)
    {
        const string Dns = "udp.DstPort == 53";
        // ICMP: echo requests, and this machine's own errors about packets of the firewall.
        const string Redirected = "(tcp or icmp.Type == 8 or icmp.Type == 3)";
        if (excluded.Contains(AddressRange.IPv4))
            return Dns;
        // The control channel stands here even where the firewall is local: should its network have no room, we must not divert ourselves.
        var conditions = excluded.Select(Outside).Concat(firewalls.Select(f => $"(remoteAddr != {f} or remotePort != {controlPort})"));
        return $"(({Redirected} and {string.Join(" and ", conditions)}) or {Dns})";
    }

    private static string Inbound(IPAddress[] firewalls, ushort controlPort)
    {
        // Unreachable (too big among them) and time exceeded. Any router on the way may send the error, not the firewall alone.
        const string Error = "icmp.Type == 3 or icmp.Type == 11";
        return firewalls.Length == 0
            ? $"({Error})"
            : $"({Error} or (tcp and ({string.Join(" or ", firewalls.Select(f => $"(remoteAddr == {f} and remotePort != {controlPort})"))})))";
    }

    /// <summary>What must be excluded, then the largest, as long as there is room; in order.</summary>
    private static List<AddressRange> Choose(IReadOnlyList<AddressRange> local, int room)
    {
        var always = Merge(NeverRedirected.IPv4);
        var chosen = new List<AddressRange>();
        foreach (var range in local.OrderByDescending(r => always.Any(r.Contains)).ThenByDescending(r => r.Last - r.First))
        {
            var tests = TestsOf(range);
            if (tests > room)
                continue;
            room -= tests;
            chosen.Add(range);
        }

        return [.. chosen.OrderBy(r => r.First)];
    }

    private static int TestsOf(AddressRange range) =>
        range.First == range.Last || range.First == AddressRange.IPv4.First || range.Last == AddressRange.IPv4.Last ? 1 : 2;

    /// <summary>The language has no networks, and its "not" binds to one test: two comparisons, or one at either end of IPv4.</summary>
    private static string Outside(AddressRange range)
    {
        if (range.First == range.Last)
            return $"remoteAddr != {Text(range.First)}";
        if (range.First == AddressRange.IPv4.First)
            return $"remoteAddr > {Text(range.Last)}";
        if (range.Last == AddressRange.IPv4.Last)
            return $"remoteAddr < {Text(range.First)}";
        return $"(remoteAddr < {Text(range.First)} or remoteAddr > {Text(range.Last)})";
    }

    private static IReadOnlyList<AddressRange> Merge(IEnumerable<IPNetwork> networks) =>
        AddressRange.Merge(networks.Where(n => IsIPv4(n.BaseAddress)).Select(AddressRange.Of));

    private static bool IsIPv4(IPAddress address) => address.AddressFamily == AddressFamily.InterNetwork;

    private static IPAddress Text(UInt128 address) => new PacketEndpoint(address, 0).ToIPEndPoint().Address;
}
