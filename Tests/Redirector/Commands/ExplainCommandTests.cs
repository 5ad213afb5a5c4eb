using System.Net;
using FwRedirect.ControlChannel.Settings;
using FwRedirect.Redirector.Commands;
using FwRedirect.Redirector.Configuration;
using FwRedirect.Redirector.Processes;
using FwRedirect.Redirector.Rules;

namespace FwRedirect.Tests.Redirector.Commands;

[TestClass]
public sealed class ExplainCommandTests
{
    [TestMethod]
    [DataRow("131.107.0.21:21", true, "131.107.0.21", 21, 6)]
    [DataRow("www.example.com:53/udp", true, "www.example.com", 53, 17)]
    [DataRow("131.107.0.21/ICMP", true, "131.107.0.21", 0, 1)]
    [DataRow("[2001:db8::21]:443", true, "2001:db8::21", 443, 6)]
    [DataRow("2001:db8::21/icmp", true, "2001:db8::21", 0, 1)]
    [DataRow("[2001:db8::21]/icmp", true, "2001:db8::21", 0, 1)]
    [DataRow("2001:db8::21:443", false, "", 0, 0)]
    [DataRow("[2001:db8::21", false, "", 0, 0)]
    [DataRow("131.107.0.21:7/icmp", false, "", 0, 0)]
    [DataRow("131.107.0.21", false, "", 0, 0)]
    [DataRow("131.107.0.21:70000", false, "", 0, 0)]
    [DataRow(":80", false, "", 0, 0)]
    [DataRow("131.107.0.21:80/sctp", false, "", 0, 0)]
    public void ADestinationIsRead(string text, bool isOne, string host, int port, int protocol)
    {
        Assert.AreEqual(isOne, ExplainCommand.TryDestination(text, out var foundHost, out var foundPort, out var foundProtocol));
        if (isOne)
            Assert.AreEqual((host, port, protocol), (foundHost, (int)foundPort, (int)foundProtocol));
    }

    [TestMethod]
    public void NameAndConnectionAreExplained()
    {
        var rule = new RedirectionRule("no games", RedirectionAction.Block, [], [], [], ["*.games.example"], PortList.Empty, [], "fwredirect.json");
        var options = new RedirectorOptions { Firewalls = [new FirewallName("192.168.0.1", 1745)], Rules = [rule] };
        var rules = new FlowRules(new LocalDestinations([], IPEndPoint.Parse("192.168.0.1:1745")), MergedSettings.OfFile(options).Rules, -1);
        var curl = new ProcessInfo(0, "curl", null, "alice", null);
        CollectionAssert.AreEqual(
            new[] { "name www.games.example: blocked: rule 'no games', fwredirect.json", "connection: blocked: rule 'no games', fwredirect.json" },
            ExplainCommand.Lines(rules, curl, IPAddress.Parse("192.0.2.1"), 443, 6, "www.games.example").ToArray());
        Assert.AreEqual("connection: redirected: default", ExplainCommand.Lines(rules, curl, IPAddress.Parse("192.0.2.1"), 443, 6, null).Single());
        Assert.AreEqual("name printer: local: a name without a dot", ExplainCommand.Lines(rules, curl, IPAddress.Parse("192.0.2.1"), 443, 6, "printer").First());
    }
}
