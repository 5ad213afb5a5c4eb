using System.Net;
using FwRedirect.ControlChannel.Settings;
using FwRedirect.Redirector.Configuration;
using FwRedirect.Redirector.Processes;
using FwRedirect.Redirector.Rules;
using FwRedirect.Tests.Redirector.Packets;

namespace FwRedirect.Tests.Redirector.Rules;

[TestClass]
public sealed class FlowRulesTests
{
    private const int Own = 7;
    private static readonly ProcessInfo Ftp = new(100, "ftp", "/usr/bin/ftp", "alice", 1000);
    private static readonly ProcessInfo Curl = new(101, "curl", "/usr/bin/curl", "CONTOSO\\bob", 1001);

    [TestMethod]
    public void WithoutRulesAllGoesThroughTheFirewall() => Assert.AreEqual("redirected: default", Decide(Rules(), Ftp).ToString());

    [TestMethod]
    public void WhatIsNearIsDecidedBeforeAllElse()
    {
        var rules = Rules(rules: [Rule("no", RedirectionAction.Block)]);
        Assert.AreEqual("local: 192.168.0.0/24 (interface)", Decide(rules, Ftp, "192.168.0.7:80").ToString());
        Assert.AreEqual("local: the control channel", Decide(rules, Ftp, "192.0.2.1:1745").ToString());
        Assert.AreEqual("local: a connection of fwredirect itself", Decide(rules, Ftp with { Id = Own }).ToString());
        Assert.AreEqual("local: LocalDomains: corp.example", Decide(rules, Ftp, name: "www.corp.example").ToString());
        Assert.AreEqual("blocked: rule 'no', file", Decide(rules, Ftp).ToString());
    }

    [TestMethod]
    public void SettingsDecideBeforeRules()
    {
        var rules = Rules([("ftp", SettingKey.Disable, "1"), ("*", SettingKey.DontRemoteOutboundTcpPorts, "3127-3198")], [Rule("no", RedirectionAction.Block)]);
        Assert.AreEqual("local: Disable=1 of ftp, file", Decide(rules, Ftp).ToString());
        Assert.AreEqual("local: DontRemoteOutboundTcpPorts=3127-3198 of *, file", Decide(rules, Curl, "131.107.0.21:3130").ToString());
        Assert.AreEqual(FlowVerdict.Block, Decide(rules, Curl, "131.107.0.21:3130", protocol: 17).Verdict);
        Assert.AreEqual(FlowVerdict.Block, Decide(rules, Curl).Verdict);
    }

    [TestMethod]
    public void TheFirstRuleThatMatchesDecides()
    {
        var rules = Rules(rules:
        [
            Rule("first", RedirectionAction.Redirect, ports: "443"), Rule("second", RedirectionAction.Block, networks: ["131.107.0.0/16"]),
            Rule("third", RedirectionAction.Local),
        ]);
        Assert.AreEqual("redirected: rule 'first', file", Decide(rules, Ftp, "131.107.0.21:443").ToString());
        Assert.AreEqual("blocked: rule 'second', file", Decide(rules, Ftp, "131.107.0.21:80").ToString());
        Assert.AreEqual("local: rule 'third', file", Decide(rules, Ftp, "203.0.113.1:80").ToString());
    }

    [TestMethod]
    public void EachListOfARuleRestricts()
    {
        Assert.IsTrue(Matches(Rule("r", RedirectionAction.Block, applications: ["ftp.exe"]), Ftp));
        Assert.IsTrue(Matches(Rule("r", RedirectionAction.Block, applications: ["/usr/bin/ftp"]), Ftp));
        Assert.IsFalse(Matches(Rule("r", RedirectionAction.Block, applications: ["/opt/ftp"]), Ftp));
        Assert.IsTrue(Matches(Rule("r", RedirectionAction.Block, users: ["alice"]), Ftp));
        Assert.IsTrue(Matches(Rule("r", RedirectionAction.Block, users: ["CONTOSO\\*"]), Curl));
        Assert.IsFalse(Matches(Rule("r", RedirectionAction.Block, users: ["CONTOSO\\*"]), Ftp));
        Assert.IsTrue(Matches(Rule("r", RedirectionAction.Block, protocols: [6]), Ftp));
        Assert.IsFalse(Matches(Rule("r", RedirectionAction.Block, protocols: [17]), Ftp));
        Assert.IsTrue(Matches(Rule("r", RedirectionAction.Block, names: ["*.contoso.com"]), Ftp, "www.contoso.com"));
        Assert.IsTrue(Matches(Rule("r", RedirectionAction.Block, names: ["*.contoso.com"]), Ftp, "WWW.Contoso.com."));
        Assert.IsFalse(Matches(Rule("r", RedirectionAction.Block, names: ["*.contoso.com"]), Ftp, "contoso.com"));
        Assert.IsFalse(Matches(Rule("r", RedirectionAction.Block, names: ["*.contoso.com"]), Ftp, "notcontoso.com"));
        Assert.IsFalse(Matches(Rule("r", RedirectionAction.Block, names: ["*.contoso.com"]), Ftp));
    }

    [TestMethod]
    public void ANameIsRefusedOnlyWhereEveryConnectionToItWouldBe()
    {
        var all = Rules(rules: [Rule("no", RedirectionAction.Block, names: ["*.games.example"])]);
        Assert.AreEqual(FlowVerdict.Block, all.DecideName(Ftp, "www.games.example").Verdict);
        Assert.AreEqual(FlowVerdict.Redirect, all.DecideName(Ftp, "www.contoso.com").Verdict);
        var port = Rules(rules: [Rule("no", RedirectionAction.Block, names: ["*.games.example"], ports: "80")]);
        Assert.AreEqual(FlowVerdict.Redirect, port.DecideName(Ftp, "www.games.example").Verdict);
        var hole = Rules(rules: [Rule("yes", RedirectionAction.Redirect, ports: "443"), Rule("no", RedirectionAction.Block, names: ["*.games.example"])]);
        Assert.AreEqual(FlowVerdict.Redirect, hole.DecideName(Ftp, "www.games.example").Verdict);
        var network = Rules(rules: [Rule("yes", RedirectionAction.Local, networks: ["10.0.0.0/8"]), Rule("no", RedirectionAction.Block)]);
        Assert.AreEqual(FlowVerdict.Redirect, network.DecideName(Ftp, "www.games.example").Verdict);
        Assert.AreEqual(FlowVerdict.Block, Rules(rules: [Rule("no", RedirectionAction.Block, applications: ["ftp"])]).DecideName(Ftp, "a.b").Verdict);
    }

    [TestMethod]
    public void NameResolutionIsThatOfTheProgram()
    {
        var plain = Rules();
        Assert.AreEqual("a name without a dot", plain.WhyLocal("printer"));
        var rules = Rules([("ftp", SettingKey.NameResolution, "R"), ("curl", SettingKey.NameResolution, "L")]);
        Assert.IsNull(rules.WhyLocal("printer"));
        Assert.AreEqual("the firewall's own name", rules.WhyLocal("firewall.example"));
        Assert.AreEqual("redirected: NameResolution=R of ftp, file", rules.DecideName(Ftp, "printer").ToString());
        Assert.AreEqual("local: NameResolution=L of curl, file", rules.DecideName(Curl, "www.contoso.com").ToString());
        Assert.AreEqual("local: a name without a dot", rules.DecideName(ProcessInfo.Unknown, "printer").ToString());
        Assert.AreEqual(FlowVerdict.Redirect, Decide(rules, Ftp, name: "www.corp.example").Verdict);
    }

    [TestMethod]
    public void ReplacedRulesDecideFromThenOn()
    {
        var rules = Rules();
        rules.Replace(Set([("ftp", SettingKey.Disable, "1")], []));
        Assert.AreEqual(FlowVerdict.Local, Decide(rules, Ftp).Verdict);
    }

    private static FlowDecision Decide(FlowRules rules, ProcessInfo process, string destination = "131.107.0.21:21", byte protocol = 6, string? name = null) =>
        rules.Decide(new FlowQuestion(process, protocol, Raw.At(destination), name));

    private static bool Matches(RedirectionRule rule, ProcessInfo process, string? name = null) => Decide(Rules(rules: [rule]), process, name: name).Verdict == FlowVerdict.Block;

    private static FlowRules Rules((string Application, SettingKey Key, string Text)[]? settings = null, RedirectionRule[]? rules = null) => new(
        new LocalDestinations([new LocalNetwork(IPNetwork.Parse("192.168.0.0/24"), "interface")], IPEndPoint.Parse("192.0.2.1:1745")), Set(settings ?? [], rules ?? []), Own);

    private static RuleSet Set((string Application, SettingKey Key, string Text)[] settings, RedirectionRule[] rules) => new(
        new LocalDomains(["corp.example"], "firewall.example"),
        [new ApplicationSettings([.. settings.Select(s => new Setting(new ApplicationName(s.Application), s.Key, SettingTable.Parse(s.Key, s.Text)!, "file"))])],
        rules);

    private static RedirectionRule Rule(
        string name, RedirectionAction action, string[]? applications = null, string[]? users = null, string[]? networks = null, string[]? names = null,
        string ports = "", byte[]? protocols = null) => new(
        name, action, [.. (applications ?? []).Select(a => new ApplicationName(a))], users ?? [], [.. (networks ?? []).Select(n => IPNetwork.Parse(n))], names ?? [],
        PortList.TryParse(ports, out var list) ? list : PortList.Empty, protocols ?? [], "file");
}
