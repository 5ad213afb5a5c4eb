using System.Runtime.Versioning;
using FwRedirect.Redirector.Diversion.Linux.Rules;

namespace FwRedirect.Tests.Redirector.Diversion.Linux.Rules;

[TestClass]
[SupportedOSPlatform("linux")]
public sealed class DiversionRulesTests
{
    [TestMethod]
    public void WhatIsQueuedIsExactlyWhatIsRefusedUnseen()
    {
        var lines = DiversionRules.Compose(NamespacePair.Rules).Split('\n');
        string[] Matches(string chain) =>
        [
            .. lines.Where(line => line.StartsWith($"-A {chain} ", StringComparison.Ordinal) && !line.Contains("notrack", StringComparison.Ordinal))
                .Select(line => line[$"-A {chain} ".Length..line.IndexOf(" -j ", StringComparison.Ordinal)]),
        ];
        CollectionAssert.AreEqual(Matches("FWREDIRECT-OUTPUT"), Matches("FWREDIRECT-REFUSE"));
        Assert.Contains("-p tcp -d 192.168.0.1 --dport 1745", Matches("FWREDIRECT-OUTPUT"));
        Assert.Contains("-d 192.168.0.0/24", Matches("FWREDIRECT-OUTPUT"));
        CollectionAssert.AreEqual(new[] { "-p tcp", "-p udp" }, Matches("FWREDIRECT-OUTPUT")[^2..]);
        Assert.Contains("-p udp -m multiport --dports 67,68", Matches("FWREDIRECT-OUTPUT"));
        Assert.Contains("-d 192.168.0.0/24", Matches("FWREDIRECT-ICMP"));
        // What leads nowhere is looked at before it is called local.
        Assert.IsLessThan(Array.IndexOf(Matches("FWREDIRECT-OUTPUT"), "-d 192.168.0.0/24"), Array.IndexOf(Matches("FWREDIRECT-OUTPUT"), "-p udp -o lo"));
    }

    [TestMethod]
    public void OfIcmpPingsAndErrorsAreDiverted() => CollectionAssert.AreEqual(
        new[]
        {
            "-A FWREDIRECT-ICMP -p icmp -m icmp --icmp-type 3 -j NFQUEUE --queue-num 18007 --queue-bypass",
            "-A FWREDIRECT-ICMP -p icmp -m icmp --icmp-type 8 -j NFQUEUE --queue-num 18007 --queue-bypass",
            "-I OUTPUT 1 -p icmp -j FWREDIRECT-ICMP",
            "-A FWREDIRECT-INPUT ! -i lo -p icmp -m icmp --icmp-type 3 -j NFQUEUE --queue-num 18008 --queue-bypass",
            "-A FWREDIRECT-INPUT ! -i lo -p icmp -m icmp --icmp-type 11 -j NFQUEUE --queue-num 18008 --queue-bypass",
            "-A FWREDIRECT-INPUT -i lo -p icmp -m icmp --icmp-type 3/4 -j NFQUEUE --queue-num 18008 --queue-bypass",
        },
        DiversionRules.Compose(NamespacePair.Rules with { RefuseUnseen = false }).Split('\n').Where(line => line.Contains("-p icmp", StringComparison.Ordinal)).ToArray());

    [TestMethod]
    public void WithoutRefusalTheFilterTableRefusesOnlyWhatTheFallbackRouteWouldSwallow() => Assert.AreEqual(
        """
        :FWREDIRECT-REFUSE-STRAY - [0:0]
        -A FWREDIRECT-REFUSE-STRAY -o lo ! -p tcp -m addrtype ! --dst-type LOCAL -m mark ! --mark 0x1000/0x1000 -j REJECT --reject-with icmp-net-unreachable
        -I OUTPUT 1 -j FWREDIRECT-REFUSE-STRAY
        COMMIT

        """,
        DiversionRules.Compose(NamespacePair.Rules with { RefuseUnseen = false }).Split("*filter\n")[1]);

    [TestMethod]
    [DataRow("10.0.0.0/8", "-d 10.0.0.0/8")]
    [DataRow("10.1.2.3", "-d 10.1.2.3")]
    [DataRow("10.0.0.1-10.0.0.9", "-m iprange --dst-range 10.0.0.1-10.0.0.9")]
    [DataRow("fd00::/8", null)]
    [DataRow("fd00::1-fd00::9", null)]
    public void ALocalDestinationBecomesAMatch(string entry, string? match) => Assert.AreEqual(match, AddressMatch.Destination(entry));

    [TestMethod]
    [DataRow("10.0.0.0/8 -j ACCEPT")]
    [DataRow("intranet")]
    [DataRow("10.0.0.1-10.0.0.2\n-A INPUT")]
    public void WhatIsNoAddressIsRefused(string entry) => Assert.ThrowsExactly<FormatException>(() => AddressMatch.Destination(entry));

    [TestMethod]
    public void RemovalNamesOursAndNothingElse()
    {
        const string Saved = """
            *filter
            :INPUT ACCEPT [0:0]
            :FWREDIRECT-REFUSE - [0:0]
            -A INPUT -j DROP
            -A OUTPUT -j FWREDIRECT-REFUSE
            -A FWREDIRECT-REFUSE -p tcp -j REJECT --reject-with tcp-reset
            COMMIT
            *nat
            -A POSTROUTING -j MASQUERADE
            COMMIT
            """;
        Assert.AreEqual("*filter\n-D OUTPUT -j FWREDIRECT-REFUSE\n-F FWREDIRECT-REFUSE\n-X FWREDIRECT-REFUSE\nCOMMIT\n", RuleRemoval.Compose(Saved));
        Assert.AreEqual("", RuleRemoval.Compose(Saved, DiversionRules.RefuseChain));
    }

    [TestMethod]
    [TestCategory("Lab")]
    public void AfterDisposeRulesRoutesAndQueuesAreAsBefore()
    {
        using var pair = new NamespacePair();
        pair.InClient("iptables", "-A", "INPUT", "-p", "tcp", "--dport", "9", "-j", "DROP");
        var before = (Rules(pair), pair.ClientRoutes());
        // Twice: the second finds what a first without an end left behind.
        NamespacePair.Run(pair.Client, () => DiversionRules.Install(NamespacePair.Rules));
        using (new DivertedClient(pair, DivertedClient.PassAll, DivertedClient.PassAll))
        {
            Assert.Contains("NFQUEUE --queue-num 18007 --queue-bypass", pair.InClient("iptables-save"), StringComparison.Ordinal);
            Assert.Contains("default dev lo", pair.InClient("ip", "route"), StringComparison.Ordinal);
            Assert.HasCount(2, Queues(pair));
        }

        Assert.AreEqual(before, (Rules(pair), pair.ClientRoutes()));
        Assert.IsEmpty(Queues(pair));
    }

    private static string Rules(NamespacePair pair) =>
        string.Join('\n', pair.InClient("iptables-save").Split('\n').Where(line => line.StartsWith('-') || line.StartsWith(":FW", StringComparison.Ordinal)));

    private static string[] Queues(NamespacePair pair) =>
        pair.InClient("cat", "/proc/self/net/netfilter/nfnetlink_queue").Split('\n', StringSplitOptions.RemoveEmptyEntries);
}
