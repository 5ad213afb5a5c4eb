using System.Globalization;
using System.Net.Sockets;
using System.Runtime.Versioning;
using System.Text;
using FwRedirect.Redirector.Diversion.Linux.Native;

namespace FwRedirect.Redirector.Diversion.Linux.Rules;

/// <summary>
/// ip6tables' twin of <see cref="DiversionRules"/>, in chains of the same names. What is not local is queued and decided in user mode; of ICMPv6 that is the echo request only, never
/// what a link lives by: neighbour discovery, multicast listeners, errors (RFC 4890, 4.4). DHCPv6 goes to multicast and link-local addresses.
/// </summary>
[SupportedOSPlatform("linux")]
internal static class IPv6Rules
{
    /// <summary>Begins like <see cref="DiversionRules.RefuseChain"/>: a guard that keeps the one keeps the other.</summary>
    private const string RefuseChain = DiversionRules.RefuseChain + "-IPV6";

    /// <summary>DHCPv6.</summary>
    private const string NeverDatagrams = "546,547";

    private const string Unreachable = "-p icmpv6 --icmpv6-type 1";
    private const string PacketTooBig = "-p icmpv6 --icmpv6-type 2";
    private const string TimeExceeded = "-p icmpv6 --icmpv6-type 3";

    private const string Restore = "ip6tables-restore";

    private static readonly InboundRules Inbound = new(NeverDatagrams, [Unreachable, PacketTooBig, TimeExceeded], PacketTooBig);

    /// <summary>Nothing where the machine has no IPv6 that could pass by us. Rules of ours must not be there yet.</summary>
    /// <exception cref="IOException">IPv6 would pass by us: the rules can not be set, and they are wanted.</exception>
    public static void Install(DiversionRuleOptions options) => Run(Compose(options), options);

    /// <summary>Fills the chains anew, each table in one step; the jumps to them stay.</summary>
    /// <exception cref="IOException">As for <see cref="Install"/>; the chains are as they were.</exception>
    public static void Replace(DiversionRuleOptions options) => Run(DiversionRules.WithoutJumps(Compose(options)), options);

    private static void Run(string rules, DiversionRuleOptions options)
    {
        if (!IPv6Stack.Exists())
            return;
        try
        {
            SystemProgram.Run(Restore, ["--noflush", "-w", "10"], rules);
            Reassemble();
        }
        catch (IOException) when (!options.RefuseIPv6 || IPv6Stack.IsSilent())
        {
            // There is nothing that it could have kept from passing.
        }
        catch (IOException failure)
        {
            throw new IOException($"IPv6 would pass by the firewall: {failure.Message}; ip6tables is wanted, or WhenFirewallHasNoIPv6 Direct", failure);
        }
    }

    /// <summary>
    /// IPv6 puts fragments together behind the hook INPUT, where we would see the pieces, and only the first of them has ports. This rule never matches; that it is there makes the kernel
    /// do it before (nf_defrag_ipv6), as for IPv4 it always does, without tracking connections.
    /// </summary>
    private static void Reassemble()
    {
        try
        {
            SystemProgram.Run(Restore, ["--noflush", "-w", "10"], "*mangle\n-A FWREDIRECT-INPUT -i lo -p udp --dport 0 -m socket -j RETURN\nCOMMIT\n");
        }
        catch (IOException)
        {
            // A kernel without xt_socket: datagrams larger than a frame do not come back.
        }
    }

    /// <summary>The input of ip6tables-restore.</summary>
    public static string Compose(DiversionRuleOptions options)
    {
        var seen = string.Create(CultureInfo.InvariantCulture, $"-m mark --mark 0x{options.Queues.MarkBit:x}/0x{options.Queues.MarkBit:x}");
        var queue = DiversionRules.Queue(options.Queues.OutboundQueue);
        var text = new StringBuilder("*raw\n:FWREDIRECT-OUTPUT - [0:0]\n");
        text.Append("-A FWREDIRECT-OUTPUT -o lo ").Append(seen).Append(" -j CT --notrack\n");
        AppendDiverted(text, "FWREDIRECT-OUTPUT", seen, options, queue, queue);
        // Errors of this machine about packets of the firewall, which it would send to the peer that it believes in. Seen or not, they are nothing to refuse.
        text.Append("-A FWREDIRECT-OUTPUT ").Append(Unreachable).Append(" -j ").Append(queue).Append('\n');
        text.Append("-I OUTPUT 1 -j FWREDIRECT-OUTPUT\nCOMMIT\n");
        Inbound.Append(text, seen, options, options.FirewallAddresses.Where(a => a.AddressFamily == AddressFamily.InterNetworkV6));

        text.Append("*filter\n");
        // As for IPv4: what only our fallback route would take, and nobody has seen.
        text.Append(CultureInfo.InvariantCulture, $":{DiversionRules.StrayChain} - [0:0]\n-A {DiversionRules.StrayChain} -o lo ! -p tcp ! -d ff00::/8 -m addrtype ! --dst-type LOCAL ");
        text.Append(CultureInfo.InvariantCulture, $"-m mark ! --mark 0x{options.Queues.MarkBit:x}/0x{options.Queues.MarkBit:x} -j REJECT --reject-with icmp6-no-route\n");
        text.Append("-I OUTPUT 1 -j ").Append(DiversionRules.StrayChain).Append('\n');
        if (options.RefuseUnseen)
        {
            text.Append(':').Append(RefuseChain).Append(" - [0:0]\n");
            // Where IPv6 may go its own way it goes, if it has one: by lo leads our fallback route alone.
            if (!options.RefuseIPv6)
                text.Append("-A ").Append(RefuseChain).Append(" ! -o lo -j RETURN\n");
            AppendDiverted(text, RefuseChain, seen, options, "REJECT --reject-with tcp-reset", "REJECT --reject-with icmp6-adm-prohibited");
            text.Append("-I OUTPUT 1 -j ").Append(RefuseChain).Append('\n');
        }

        return text.Append("COMMIT\n").ToString();
    }

    private static void AppendDiverted(StringBuilder text, string chain, string seen, DiversionRuleOptions options, string tcp, string other)
    {
        void Rule(string match, string target) => text.Append("-A ").Append(chain).Append(' ').Append(match).Append(" -j ").Append(target).Append('\n');

        Rule(seen, "RETURN");
        Rule("-m addrtype --dst-type LOCAL", "RETURN");
        Rule("-d ff00::/8", "RETURN");
        // A name server inside is asked through us as well: which names are local is not in its address. A router tells of itself as one by its link-local address (RFC 8106).
        Rule("-p udp --dport 53", other);
        Rule("-d fe80::/10", "RETURN");
        foreach (var firewall in options.FirewallAddresses.Where(a => a.AddressFamily == AddressFamily.InterNetworkV6))
            Rule($"-p tcp -d {firewall} --dport {options.ControlPort}", "RETURN");
        // Local, but without a way there: see DiversionRules.
        Rule("-p tcp -o lo", tcp);
        foreach (var match in options.LocalDestinations.Select(AddressMatch.DestinationV6).OfType<string>())
            Rule(match, "RETURN");
        Rule("-p tcp", tcp);
        Rule($"-p udp -m multiport ! --dports {NeverDatagrams}", other);
        Rule("-p icmpv6 --icmpv6-type echo-request", other);
    }
}
