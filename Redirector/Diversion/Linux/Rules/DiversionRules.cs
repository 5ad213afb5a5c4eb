using System.Globalization;
using System.Runtime.Versioning;
using System.Text;
using FwRedirect.Redirector.Diversion.Linux.Native;

namespace FwRedirect.Redirector.Diversion.Linux.Rules;

/// <summary>
/// The netfilter rules of one network namespace. raw OUTPUT, before conntrack, so that conntrack sees the rewritten flow; mangle INPUT, after the source
/// validation, so that a foreign source passes a strict rp_filter. Every queue rule bypasses when nobody reads; then the rules in filter OUTPUT decide.
/// </summary>
[SupportedOSPlatform("linux")]
internal sealed class DiversionRules : IDisposable
{
    /// <summary>All our chains begin so; nothing else is ever touched.</summary>
    public const string ChainPrefix = "FWREDIRECT-";

    /// <summary>In the filter table: refuses what no diverter has seen.</summary>
    public const string RefuseChain = ChainPrefix + "REFUSE";

    /// <summary>Begins like <see cref="RefuseChain"/>: a guard that keeps the one keeps the other.</summary>
    public const string StrayChain = RefuseChain + "-STRAY";

    /// <summary>DHCP: how this machine got its addresses is no program's traffic, and a firewall may well be the one that gives them.</summary>
    private const string NeverDatagrams = "67,68";

    /// <summary>Unreachable, "fragmentation needed" among it, and time exceeded.</summary>
    private static readonly InboundRules Inbound =
        new(NeverDatagrams, ["-p icmp -m icmp --icmp-type 3", "-p icmp -m icmp --icmp-type 11"], "-p icmp -m icmp --icmp-type 3/4");

    private readonly ulong _namespace = NetworkNamespace.Cookie();

    private DiversionRules()
    {
    }

    /// <summary>Replaces whatever rules of ours there are, each table in one step.</summary>
    public static DiversionRules Install(DiversionRuleOptions options)
    {
        RuleRemoval.Run();
        try
        {
            SystemProgram.Run("iptables-restore", ["--noflush", "-w", "10"], Compose(options));
            IPv6Rules.Install(options);
        }
        catch
        {
            // The tables are committed one by one: a later one may have failed.
            RuleRemoval.Run();
            throw;
        }

        return new DiversionRules();
    }

    /// <summary>Fills the chains anew, each table in one step: at no moment is there a table without them. The jumps to them stay.</summary>
    /// <exception cref="IOException">A rule was refused, and the table is as it was; or this is not the network that they were made in.</exception>
    public void Replace(DiversionRuleOptions options)
    {
        // A thread may stand in another network namespace than the one that installed them.
        if (NetworkNamespace.Cookie() != _namespace)
            throw new IOException("the diversion rules belong to another network namespace");
        SystemProgram.Run("iptables-restore", ["--noflush", "-w", "10"], WithoutJumps(Compose(options)));
        IPv6Rules.Replace(options);
    }

    public void Dispose() => RuleRemoval.Run();

    /// <summary>Of an input of iptables-restore, what fills the chains.</summary>
    public static string WithoutJumps(string rules) => string.Join('\n', rules.Split('\n').Where(line => !line.StartsWith("-I ", StringComparison.Ordinal)));

    /// <summary>The target that queues, and bypasses where nobody reads.</summary>
    public static string Queue(ushort number) => $"NFQUEUE --queue-num {number} --queue-bypass";

    /// <summary>The input of iptables-restore. A jump to one of our chains is a line that begins with -I; nothing else does.</summary>
    public static string Compose(DiversionRuleOptions options)
    {
        var seen = string.Create(CultureInfo.InvariantCulture, $"-m mark --mark 0x{options.Queues.MarkBit:x}/0x{options.Queues.MarkBit:x}");
        var text = new StringBuilder();
        text.Append("*raw\n:FWREDIRECT-OUTPUT - [0:0]\n");
        // A RST or SYN-ACK of ours for a local program belongs to no connection that conntrack knows: "INVALID drop" rules would eat it.
        text.Append("-A FWREDIRECT-OUTPUT -o lo ").Append(seen).Append(" -j CT --notrack\n");
        AppendDiverted(text, "FWREDIRECT-OUTPUT", seen, options, Queue(options.Queues.OutboundQueue), Queue(options.Queues.OutboundQueue));
        text.Append("-I OUTPUT 1 -j FWREDIRECT-OUTPUT\n");
        IcmpRules.AppendDiverted(text, seen, options, Queue(options.Queues.OutboundQueue));
        text.Append("COMMIT\n");

        Inbound.Append(text, seen, options, options.FirewallAddresses.Where(AddressMatch.IsIPv4));

        text.Append("*filter\n");
        AppendStray(text, options);
        if (options.RefuseUnseen)
        {
            text.Append($":{RefuseChain} - [0:0]\n");
            AppendDiverted(text, RefuseChain, seen, options, "REJECT --reject-with tcp-reset", "REJECT --reject-with icmp-port-unreachable");
            text.Append($"-I OUTPUT 1 -j {RefuseChain}\n");
            IcmpRules.AppendRefused(text, seen, options);
        }

        return text.Append("COMMIT\n").ToString();
    }

    /// <summary>
    /// Our fallback route would swallow what is neither TCP nor UDP, and UDP that nobody has seen; a program would wait where it was told "network unreachable" before.
    /// Nothing foreign leaves by lo but for that route, so the rule sleeps on a machine with a way of its own.
    /// </summary>
    private static void AppendStray(StringBuilder text, DiversionRuleOptions options) => text.Append(CultureInfo.InvariantCulture, $"""
        :{StrayChain} - [0:0]
        -A {StrayChain} -o lo ! -p tcp -m addrtype ! --dst-type LOCAL -m mark ! --mark 0x{options.Queues.MarkBit:x}/0x{options.Queues.MarkBit:x} -j REJECT --reject-with icmp-net-unreachable
        -I OUTPUT 1 -j {StrayChain}

        """);

    private static void AppendDiverted(StringBuilder text, string chain, string seen, DiversionRuleOptions options, string tcp, string udp)
    {
        void Rule(string match, string target) => text.Append("-A ").Append(chain).Append(' ').Append(match).Append(" -j ").Append(target).Append('\n');

        Rule(seen, "RETURN");
        Rule("-m addrtype --dst-type LOCAL", "RETURN");
        Rule("-m addrtype --dst-type BROADCAST", "RETURN");
        Rule("-d 224.0.0.0/4", "RETURN");
        Rule("-d 255.255.255.255", "RETURN");
        // A name server inside is asked through us as well: which names are local is not in its address.
        Rule("-p udp --dport 53", udp);
        Rule($"-p udp -m multiport --dports {NeverDatagrams}", "RETURN");
        foreach (var firewall in options.FirewallAddresses.Where(AddressMatch.IsIPv4)) Rule($"-p tcp -d {firewall} --dport {options.ControlPort}", "RETURN");
        // Local, but without a way there: by lo leads our fallback route, and it takes user mode to say that nothing is behind it.
        Rule("-p tcp -o lo", tcp);
        Rule("-p udp -o lo", udp);
        foreach (var match in options.LocalDestinations.Select(AddressMatch.Destination).OfType<string>()) Rule(match, "RETURN");
        Rule("-p tcp", tcp);
        Rule("-p udp", udp);
    }
}
