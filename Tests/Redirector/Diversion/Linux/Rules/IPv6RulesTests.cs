using System.Net;
using System.Runtime.Versioning;
using FwRedirect.Redirector.Diversion.Linux.Native;
using FwRedirect.Redirector.Diversion.Linux.Rules;

namespace FwRedirect.Tests.Redirector.Diversion.Linux.Rules;

[TestClass]
[SupportedOSPlatform("linux")]
public sealed class IPv6RulesTests
{
    private static readonly DiversionRuleOptions Options = NamespacePair.Rules with
    {
        FirewallAddresses = [NamespacePair.FirewallAddress, IPAddress.Parse("2001:db8:1::1")],
        LocalDestinations = ["192.168.0.0/24", "2001:db8:1::/64", "fd00::1-fd00::9"],
    };

    [TestMethod]
    public void TheRulesReadSo() => Assert.AreEqual(
        """
        *raw
        :FWREDIRECT-OUTPUT - [0:0]
        -A FWREDIRECT-OUTPUT -o lo -m mark --mark 0x1000/0x1000 -j CT --notrack
        -A FWREDIRECT-OUTPUT -m mark --mark 0x1000/0x1000 -j RETURN
        -A FWREDIRECT-OUTPUT -m addrtype --dst-type LOCAL -j RETURN
        -A FWREDIRECT-OUTPUT -d ff00::/8 -j RETURN
        -A FWREDIRECT-OUTPUT -p udp --dport 53 -j NFQUEUE --queue-num 18007 --queue-bypass
        -A FWREDIRECT-OUTPUT -d fe80::/10 -j RETURN
        -A FWREDIRECT-OUTPUT -p tcp -d 2001:db8:1::1 --dport 1745 -j RETURN
        -A FWREDIRECT-OUTPUT -p tcp -o lo -j NFQUEUE --queue-num 18007 --queue-bypass
        -A FWREDIRECT-OUTPUT -d 2001:db8:1::/64 -j RETURN
        -A FWREDIRECT-OUTPUT -m iprange --dst-range fd00::1-fd00::9 -j RETURN
        -A FWREDIRECT-OUTPUT -p tcp -j NFQUEUE --queue-num 18007 --queue-bypass
        -A FWREDIRECT-OUTPUT -p udp -m multiport ! --dports 546,547 -j NFQUEUE --queue-num 18007 --queue-bypass
        -A FWREDIRECT-OUTPUT -p icmpv6 --icmpv6-type echo-request -j NFQUEUE --queue-num 18007 --queue-bypass
        -A FWREDIRECT-OUTPUT -p icmpv6 --icmpv6-type 1 -j NFQUEUE --queue-num 18007 --queue-bypass
        -I OUTPUT 1 -j FWREDIRECT-OUTPUT
        COMMIT
        *mangle
        :FWREDIRECT-INPUT - [0:0]
        -A FWREDIRECT-INPUT -m mark --mark 0x1000/0x1000 -j RETURN
        -A FWREDIRECT-INPUT -p tcp -s 2001:db8:1::1 ! --sport 1745 -j NFQUEUE --queue-num 18008 --queue-bypass
        -A FWREDIRECT-INPUT -p udp -s 2001:db8:1::1 -m multiport ! --sports 546,547 -j NFQUEUE --queue-num 18008 --queue-bypass
        -A FWREDIRECT-INPUT ! -i lo -p icmpv6 --icmpv6-type 1 -j NFQUEUE --queue-num 18008 --queue-bypass
        -A FWREDIRECT-INPUT ! -i lo -p icmpv6 --icmpv6-type 2 -j NFQUEUE --queue-num 18008 --queue-bypass
        -A FWREDIRECT-INPUT ! -i lo -p icmpv6 --icmpv6-type 3 -j NFQUEUE --queue-num 18008 --queue-bypass
        -A FWREDIRECT-INPUT -i lo -p icmpv6 --icmpv6-type 2 -j NFQUEUE --queue-num 18008 --queue-bypass
        -I INPUT 1 -j FWREDIRECT-INPUT
        COMMIT
        *filter
        :FWREDIRECT-REFUSE-STRAY - [0:0]
        -A FWREDIRECT-REFUSE-STRAY -o lo ! -p tcp ! -d ff00::/8 -m addrtype ! --dst-type LOCAL -m mark ! --mark 0x1000/0x1000 -j REJECT --reject-with icmp6-no-route
        -I OUTPUT 1 -j FWREDIRECT-REFUSE-STRAY
        COMMIT

        """,
        IPv6Rules.Compose(Options with { RefuseUnseen = false }));

    [TestMethod]
    public void WhatIsQueuedIsExactlyWhatIsRefusedUnseen()
    {
        var lines = IPv6Rules.Compose(Options).Split('\n');
        string[] Matches(string chain) =>
        [
            .. lines.Where(line => line.StartsWith($"-A {chain} ", StringComparison.Ordinal) && !line.Contains("notrack", StringComparison.Ordinal) && !line.Contains("icmpv6-type 1 ", StringComparison.Ordinal))
                .Select(line => line[$"-A {chain} ".Length..line.IndexOf(" -j ", StringComparison.Ordinal)]),
        ];
        CollectionAssert.AreEqual(Matches("FWREDIRECT-OUTPUT"), Matches("FWREDIRECT-REFUSE-IPV6"));
    }

    [TestMethod]
    public void WhereItMayGoDirectNothingIsRefusedThatHasAWay()
    {
        var rules = IPv6Rules.Compose(Options with { RefuseIPv6 = false });
        Assert.Contains(":FWREDIRECT-REFUSE-IPV6 - [0:0]\n-A FWREDIRECT-REFUSE-IPV6 ! -o lo -j RETURN\n", rules);
        Assert.Contains("-p tcp -j NFQUEUE", rules);
    }

    [TestMethod]
    [DataRow("00000000000000000000000000000001 01 80 10 80       lo", false)]
    [DataRow("fe80000000000000a8bbccfffe000001 02 40 20 80     eth0", true)]
    [DataRow("20010db8000100000000000000000002 0a 40 00 80   inside", true)]
    public void AnAddressOfLoopbackIsNone(string line, bool has) => Assert.AreEqual(has, IPv6Stack.HasAddress([line]));

    [TestMethod]
    [DataRow("00000000000000000000000000000001 01 80 10 80       lo", false)]
    [DataRow("fe80000000000000a8bbccfffe000001 02 40 20 80     eth0", false, DisplayName = "link-local")]
    [DataRow("20010db8000100000000000000000002 0a 40 00 80   inside", true)]
    [DataRow("fd0c0a80000000000000000000000002 0a 40 00 80   inside", true, DisplayName = "unique local")]
    public void AnAddressIsUsableBeyondItsLink(string line, bool usable) => Assert.AreEqual(usable, IPv6Stack.HasUsableAddress([line]));

    [TestMethod]
    [TestCategory("Lab")]
    public void TheKernelTakesTheRulesAndTheRemovalLeavesNoneOfThem()
    {
        using var pair = new NamespacePair();
        pair.InClient("ip6tables", "-A", "INPUT", "-p", "tcp", "--dport", "9", "-j", "DROP");
        var before = Rules(pair);
        NamespacePair.Run(pair.Client, () => DiversionRules.Install(Options));
        var rules = pair.InClient("ip6tables-save");
        Assert.Contains("-A FWREDIRECT-REFUSE-IPV6 -p ipv6-icmp -m icmp6 --icmpv6-type 128 -j REJECT --reject-with icmp6-adm-prohibited", rules);
        // A killed run's guard keeps what refuses, in both families.
        NamespacePair.Run(pair.Client, () => Removed(DiversionRules.RefuseChain));
        rules = pair.InClient("ip6tables-save");
        Assert.DoesNotContain("NFQUEUE", rules);
        Assert.Contains("-A OUTPUT -j FWREDIRECT-REFUSE-IPV6", rules);
        NamespacePair.Run(pair.Client, () => Removed(null));
        Assert.AreEqual(before, Rules(pair));
    }

    [TestMethod]
    [TestCategory("Lab")]
    public void AMachineWhoseIPv6IsSwitchedOffIsSilent()
    {
        using var pair = new NamespacePair();
        Assert.IsFalse(NamespacePair.Run(pair.Client, IPv6Stack.IsSilent));
        pair.InClient("sysctl", "-q", "-w", "net.ipv6.conf.all.disable_ipv6=1");
        Assert.IsTrue(NamespacePair.Run(pair.Client, IPv6Stack.IsSilent));
    }

    private static bool Removed(string? except)
    {
        RuleRemoval.Run(except);
        return true;
    }

    private static string Rules(NamespacePair pair) =>
        string.Join('\n', pair.InClient("ip6tables-save").Split('\n').Where(line => line.StartsWith('-') || line.StartsWith(":FW", StringComparison.Ordinal)));
}
