using System.Net;
using FwRedirect.FirewallHost.Configuration;
using FwRedirect.FirewallHost.Names;
using FwRedirect.FirewallHost.Policy;
using Microsoft.Extensions.Time.Testing;

namespace FwRedirect.Tests.FirewallHost.Policy;

[TestClass]
public sealed class AccessPolicyTests
{
    private static readonly LocalDestinations Local = new([IPAddress.Parse("131.107.0.19")], [IPNetwork.Parse("192.168.0.0/24")]);
    private readonly ResolvedNames _names = new(new FakeTimeProvider());

    [TestMethod]
    [DataRow("CONTOSO\\alice", "Required", "131.107.0.21:21", true, "Authenticated users")]
    [DataRow("", "Optional", "131.107.0.21:21", false, "Default rule")]
    [DataRow("", "None", "131.107.0.21:21", true, "Local clients")]
    [DataRow("CONTOSO\\alice", "Required", "131.107.0.19:1745", false, "Local destinations")]
    [DataRow("CONTOSO\\alice", "Required", "[::ffff:192.168.0.7]:80", false, "Local destinations")]
    public void Without_rules(string user, string mode, string destination, bool allowed, string rule) =>
        Assert.AreEqual(
            new AccessDecision(allowed, rule), new AccessPolicy([], Enum.Parse<AuthenticationMode>(mode), Local, _names).Connect(user, "ftp.exe", IPEndPoint.Parse(destination), null));

    /// <summary>Whoever else may be reached: these lead to the firewall itself, to one link, or by IPv6 to a rule's IPv4.</summary>
    [TestMethod]
    [DataRow("::1")]
    [DataRow("::")]
    [DataRow("::131.107.0.21")]
    [DataRow("::ffff:131.107.0.21")]
    [DataRow("fe80::1")]
    [DataRow("ff02::1")]
    [DataRow("2001:db8:2::19")]
    [DataRow("2001:db8:2::20")]
    [DataRow("2001:db8:1::1")]
    [DataRow("2001:db8:1:0:1::1")]
    [DataRow("127.0.0.1")]
    [DataRow("169.254.169.254")]
    [DataRow("239.0.0.1")]
    [DataRow("2001:db8:2::21", true)]
    [DataRow("131.107.0.21", true)]
    public void Local_destinations_of_both_versions(string address, bool allowed = false)
    {
        var options = new FirewallOptions
        {
            Name = "FIREWALL",
            AccountFile = "",
            InternalAddresses = [IPAddress.Parse("192.168.0.1"), IPAddress.Parse("2001:db8:1::1")],
            ExternalAddressIPv6 = IPAddress.Parse("2001:db8:2::19"),
            MoreExternalAddresses = [IPAddress.Parse("2001:db8:2::20")],
            LocalAddresses = [IPNetwork.Parse("2001:db8:1::/64")],
        };
        var policy = new AccessPolicy([], AuthenticationMode.None, LocalDestinations.Of(options), _names);
        foreach (var decision in new[] { policy.Connect("", "a", new IPEndPoint(IPAddress.Parse(address), 80), null), policy.Ping("", "a", IPAddress.Parse(address), null) })
            Assert.AreEqual(new AccessDecision(allowed, allowed ? "Local clients" : "Local destinations"), decision);
    }

    [TestMethod]
    public void A_name_is_believed_only_where_this_firewall_gave_the_address_for_it()
    {
        var address = IPAddress.Parse("131.107.0.21");
        _names.Remember("ftp.contoso.com", [address]);
        var policy = new AccessPolicy([], AuthenticationMode.Required, Local, _names);
        Assert.AreEqual("FTP.contoso.com", policy.Believed(address, "FTP.contoso.com"));
        Assert.IsNull(policy.Believed(address, "www.bank.example"));
        Assert.IsNull(policy.Believed(IPAddress.Parse("131.107.0.22"), "ftp.contoso.com"));
        Assert.IsNull(policy.Believed(address, null));
    }

    [TestMethod]
    [DataRow("CONTOSO\\bob", "a.exe", "9.9.9.9:80", false, "no bob")]
    [DataRow("contoso\\BOB", "a.exe", "9.9.9.9:80", false, "no bob")]
    [DataRow("CONTOSO\\alice", "FTP.EXE", "10.1.2.3:2121", true, "ftp")]
    [DataRow("CONTOSO\\alice", "ftp.exe", "10.1.2.3:8080", false, "Default rule")]
    [DataRow("CONTOSO\\alice", "ftp.exe", "11.1.2.3:21", false, "Default rule")]
    [DataRow("FABRIKAM\\carl", "x", "11.1.2.3:21", true, "Fabrikam")]
    [DataRow("", "ftp.exe", "10.1.2.3:21", true, "ftp")]
    public void First_rule_that_matches_decides(string user, string application, string destination, bool allowed, string rule) =>
        Assert.AreEqual(new AccessDecision(allowed, rule), Policy().Connect(user, application, IPEndPoint.Parse(destination), null));

    [TestMethod]
    public void Destination_by_name_counts_only_where_the_firewall_has_looked_it_up()
    {
        var destination = IPEndPoint.Parse("20.0.0.1:443");
        Assert.AreEqual("Default rule", Policy().Connect("C\\x", "a", destination, "www.example.com").Rule);
        _names.Remember("www.example.com", [destination.Address]);
        Assert.AreEqual("example", Policy().Connect("C\\x", "a", destination, "www.example.com").Rule);
        Assert.AreEqual("example", Policy().Connect("C\\x", "a", destination, null).Rule);
        Assert.AreEqual("Default rule", Policy().Connect("C\\x", "a", IPEndPoint.Parse("20.0.0.2:443"), "www.example.com").Rule);
    }

    [TestMethod]
    public void Bind_looks_at_the_program_and_accept_at_the_peer_too()
    {
        var policy = Policy();
        Assert.AreEqual(new AccessDecision(false, "no bob"), policy.Bind("CONTOSO\\bob", "ftp.exe"));
        Assert.AreEqual(new AccessDecision(true, "ftp"), policy.Bind("CONTOSO\\alice", "ftp.exe"));
        Assert.AreEqual(new AccessDecision(true, "ftp"), policy.Accept("CONTOSO\\alice", "ftp.exe", IPAddress.Parse("10.0.0.1")));
        Assert.AreEqual(new AccessDecision(false, "Default rule"), policy.Accept("CONTOSO\\alice", "ftp.exe", IPAddress.Parse("11.0.0.1")));
    }

    /// <summary>ISA's protocol definition PING: a rule that names ports speaks of ping only where it names it too.</summary>
    [TestMethod]
    public void Ping_is_a_protocol_of_its_own()
    {
        var policy = new AccessPolicy(
            [
                new AccessRule("web", RuleAction.Allow, [], [], [], [], [new PortRange(80, 80)]) { Protocols = [RuleProtocol.Tcp] },
                new AccessRule("no ping by ftp", RuleAction.Deny, [], ["ftp.exe"], [], [], []) { Protocols = [RuleProtocol.Ping] },
                new AccessRule("pings", RuleAction.Allow, [], [], [IPNetwork.Parse("20.0.0.0/8")], [], [new PortRange(443, 443)]) { Protocols = [RuleProtocol.Ping, RuleProtocol.Tcp] },
                new AccessRule("datagrams", RuleAction.Allow, [], [], [], [], []) { Protocols = [RuleProtocol.Udp] },
            ],
            AuthenticationMode.None, Local, _names);
        Assert.AreEqual(new AccessDecision(true, "pings"), policy.Ping("", "ping", IPAddress.Parse("20.0.0.1"), null));
        Assert.AreEqual(new AccessDecision(false, "no ping by ftp"), policy.Ping("", "FTP.exe", IPAddress.Parse("20.0.0.1"), null));
        Assert.AreEqual(new AccessDecision(false, "Default rule"), policy.Ping("", "ping", IPAddress.Parse("21.0.0.1"), null));
        Assert.AreEqual(new AccessDecision(true, "pings"), policy.Connect("", "a", IPEndPoint.Parse("20.0.0.1:443"), null));
        Assert.AreEqual(new AccessDecision(false, "Default rule"), policy.Connect("", "a", IPEndPoint.Parse("20.0.0.1:444"), null));
        Assert.AreEqual(new AccessDecision(true, "datagrams"), policy.Connect("", "a", IPEndPoint.Parse("20.0.0.1:444"), null, RuleProtocol.Udp));
        Assert.AreEqual(new AccessDecision(true, "datagrams"), policy.Bind("", "a", RuleProtocol.Udp));
        Assert.AreEqual(new AccessDecision(true, "web"), policy.Bind("", "a"));
        Assert.AreEqual(new AccessDecision(true, "datagrams"), policy.Accept("", "a", IPAddress.Parse("21.0.0.1"), RuleProtocol.Udp));
        Assert.AreEqual(new AccessDecision(false, "no ping by ftp"), policy.Ping("", "ftp.exe", IPAddress.Parse("21.0.0.1"), null));
        Assert.IsFalse(Policy().Ping("CONTOSO\\bob", "a", IPAddress.Parse("9.9.9.9"), null).Allowed);
    }

    private AccessPolicy Policy() => new(
        [
            new AccessRule("no bob", RuleAction.Deny, ["CONTOSO\\bob"], [], [], [], []),
            new AccessRule("ftp", RuleAction.Allow, [], ["ftp.exe"], [IPNetwork.Parse("10.0.0.0/8")], [], [new PortRange(21, 21), new PortRange(2000, 3000)]),
            new AccessRule("example", RuleAction.Allow, ["*"], [], [], ["*.example.com"], []),
            new AccessRule("Fabrikam", RuleAction.Allow, ["FABRIKAM\\*"], [], [], [], []),
        ],
        AuthenticationMode.Optional, Local, _names);
}
