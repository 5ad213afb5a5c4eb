using FwRedirect.ControlChannel.Configuration;
using FwRedirect.Redirector.Configuration;

namespace FwRedirect.Tests.Redirector.Configuration;

[TestClass]
public sealed class RuleReaderTests
{
    private readonly string _file = Path.Combine(Path.GetTempPath(), $"fwredirect-{Guid.NewGuid():N}.json");

    [TestCleanup]
    public void Remove() => File.Delete(_file);

    [TestMethod]
    public void EveryMistakeIsNamedAtOnceWithItsKeyAndReason()
    {
        var errors = Assert.ThrowsExactly<ConfigurationException>(() => Read(
            """
            "Aplications": { },
            "Applications": {
              "ftp": { "Disabel": 1, "NameResolution": "X", "NameResolutionForLocalHost": "P", "ServerBindTcpPorts": "20-10", "ForceCredentials": 1 },
              "smtpd": { "ServerBindTcpPorts": "25,80-90", "RemoteBindTcpPorts": "85" }, "smtpd.exe": { "ServerBindTcpPorts": "26" },
              "x": 1
            },
            "Rules": [
              { "Name": "all", "Action": "block", "Destinations": ["131.107.0.0/16", "*.example.com"] },
              { "Name": "web", "Action": "redirect", "Destinations": ["131.107.0.21", "www.example.com"], "Ports": ["80"] },
              { "Name": "all", "Action": "alow", "Ports": ["0", "70000"], "Protocols": ["sctp"], "Destinations": ["not a name"], "Port": 80 },
              { "Action": "block" }
            ]
            """)).Errors;
        string[] expected =
        [
            "Aplications: is not a key of fwredirect; did you mean Applications?",
            "Applications:ftp:Disabel: is no application setting; did you mean Disable?",
            "Applications:ftp:NameResolution: \"X\" is not L (all names",
            "Applications:ftp:NameResolutionForLocalHost: \"P\" is not L (this computer's addresses); P and E can not be had",
            "Applications:ftp:ServerBindTcpPorts: \"20-10\" is not a list of ports",
            "Applications:ftp:ForceCredentials: there are no Credentials",
            "RemoteBindTcpPorts and so has",
            "Applications:smtpd.exe:ServerBindTcpPorts: is said twice",
            "Applications:x: is one value",
            "Rules:1: 'web' can never match: 'all' before it takes everything that it is for",
            "Rules:2:Action: \"alow\" is not local, redirect or block",
            "Rules:2:Name: \"all\" is the name of a rule before it too",
            "Rules:2:Port: is not a key of a rule",
            "Rules:2:Ports:0: \"0\" is not a port",
            "Rules:2:Ports:1: \"70000\" is not a port",
            "Rules:2:Protocols:0: \"sctp\" is not tcp, udp or icmp",
            "Rules:2:Destinations: \"not a name\" is no network",
            "Rules:3:Name: is missing",
        ];
        var all = string.Join('\n', errors);
        foreach (var sentence in expected.Where(e => !e.StartsWith("RemoteBind", StringComparison.Ordinal)))
            Assert.Contains(sentence, all);
        Assert.IsTrue(errors.Any(e => e.Contains("has 85, and so has", StringComparison.Ordinal)), all);
        Assert.IsTrue(errors.All(e => e.StartsWith(_file, StringComparison.Ordinal)), all);
    }

    [TestMethod]
    [DataRow("""{ "Applications": ["ftp"] }""", """{ "Applications": ["curl"] }""", false)]
    [DataRow("""{ "Applications": ["ftp"] }""", """{ "Applications": ["ftp.exe"], "Ports": ["21"] }""", true)]
    [DataRow("""{ "Applications": ["ftp"] }""", """{ "Ports": ["21"] }""", false)]
    [DataRow("""{ "Ports": ["1-100"] }""", """{ "Ports": ["50-60"], "Users": ["alice"] }""", true)]
    [DataRow("""{ "Protocols": ["tcp"] }""", """{ "Ports": ["53"] }""", false)]
    [DataRow("""{ "Destinations": ["*.example.com"] }""", """{ "Destinations": ["*.www.example.com"] }""", true)]
    [DataRow("""{ "Destinations": ["10.0.0.0/8"] }""", """{ "Destinations": ["10.0.0.0/7"] }""", false)]
    [DataRow("""{ "Users": ["*"] }""", """{ "Destinations": ["10.0.0.0/8"] }""", true)]
    public void ARuleThatNeverMatchesIsFoundWhereItIsCertain(string earlier, string later, bool shadowed)
    {
        string Rule(string name, string rest) => rest.Insert(1, $"\"Name\": \"{name}\", \"Action\": \"block\", ");
        var rules = $"\"Rules\": [ {Rule("a", earlier)}, {Rule("b", later)} ]";
        if (shadowed)
            Assert.Contains("can never match", Assert.ThrowsExactly<ConfigurationException>(() => Read(rules)).Errors.Single());
        else
            Assert.HasCount(2, Read(rules).Rules);
    }

    [TestMethod]
    public void APathOnADriveIsOneName()
    {
        var options = Read("""
            "Applications": { "C:\\Program Files\\FTP\\ftp.exe": { "Disable": true }, "/usr/bin/ftp": { "LocalBindTcpPorts": [20, "1000-2000"] } }
            """);
        CollectionAssert.AreEquivalent(
            new[] { $@"Disable=1 of C:\Program Files\FTP\ftp.exe, {Path.GetFileName(_file)}", $"LocalBindTcpPorts=20,1000-2000 of /usr/bin/ftp, {Path.GetFileName(_file)}" },
            options.Applications.All.Select(s => s.ToString()).ToArray());
    }

    private RedirectorOptions Read(string keys)
    {
        File.WriteAllText(_file, $$"""{ "Firewall": "192.168.0.1", {{keys}} }""");
        return RedirectorOptionsReader.Read(_file, []);
    }
}
