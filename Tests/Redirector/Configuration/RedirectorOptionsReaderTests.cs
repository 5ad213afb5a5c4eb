using System.Net;
using FwRedirect.ControlChannel.Configuration;
using FwRedirect.Redirector.Configuration;

namespace FwRedirect.Tests.Redirector.Configuration;

[TestClass]
public sealed class RedirectorOptionsReaderTests
{
    private readonly string _folder = Directory.CreateTempSubdirectory("fwredirect-").FullName;

    private string File => Path.Combine(_folder, "fwredirect.json");

    [TestCleanup]
    public void Remove() => Directory.Delete(_folder, recursive: true);

    [TestMethod]
    public void TheDesignsExampleIsRead()
    {
        System.IO.File.WriteAllText(Path.Combine(_folder, "password"), "S3cret!pass\nanother line\n");
        var options = Read(
            """
            { // comment
              "Firewall": "192.168.0.1:1745", "LocalAddresses": ["10.0.0.0/8", "192.168.7.7"], "LocalDomains": ["*.corp.example"], "Applications": { "ftp": { } },
              "Credentials": { "User": "CONTOSO\\alice", "PasswordFile": "password" },
              "WhenFirewallUnreachable": "Direct" /* Block | Direct */, "StatusEndpoint": "/run/x", "WhenNotRunning": "Block",
              "DriverHashes": ["8DA085332782708D8767BCACE5327A6EC7283C17CFB85E40B03CD2323A90DDC2"]
            }
            """);
        CollectionAssert.AreEqual(new[] { new FirewallName("192.168.0.1", 1745) }, options.Firewalls.ToArray());
        CollectionAssert.AreEqual(new[] { IPNetwork.Parse("10.0.0.0/8"), IPNetwork.Parse("192.168.7.7/32") }, options.LocalAddresses.ToArray());
        Assert.AreEqual("corp.example", options.LocalDomains.Single().TrimStart('.'));
        Assert.AreEqual(("alice", "CONTOSO", "S3cret!pass"), (options.Credential!.UserName, options.Credential.Domain, options.Credential.Password));
        Assert.AreEqual(UnreachableTreatment.Direct, options.WhenFirewallUnreachable);
        Assert.AreEqual(NotRunningTreatment.Block, options.WhenNotRunning);
        Assert.AreEqual("8DA085332782708D8767BCACE5327A6EC7283C17CFB85E40B03CD2323A90DDC2", options.DriverHashes.Single());
        Assert.AreEqual("/run/x", options.StatusEndpoint!.Path);
    }

    [TestMethod]
    [DataRow("fw", "fw", 1745)]
    [DataRow("fw.corp.example:99", "fw.corp.example", 99)]
    [DataRow("192.168.0.1:99", "192.168.0.1", 99)]
    [DataRow("2001:db8::1", "2001:db8::1", 1745)]
    [DataRow("[2001:db8::1]", "2001:db8::1", 1745)]
    [DataRow("[2001:db8::1]:99", "2001:db8::1", 99)]
    public void AFirewallIsNamedSo(string text, string host, int port)
    {
        Assert.IsTrue(FirewallName.TryParse(text, out var name));
        Assert.AreEqual(new FirewallName(host, port), name);
        Assert.IsTrue(FirewallName.TryParse(name.ToString(), out var again));
        Assert.AreEqual(name, again);
    }

    [TestMethod]
    [DataRow("")]
    [DataRow("a b")]
    [DataRow("fw:0")]
    [DataRow("fw:65536")]
    [DataRow("fw:")]
    [DataRow("[fw]:99")]
    [DataRow("[192.168.0.1]:99")]
    [DataRow("[2001:db8::1]99")]
    [DataRow("[2001:db8::1]x:99")]
    [DataRow("[2001:db8::1")]
    [DataRow("fe80::1")]
    [DataRow("[fe80::1%eth0]:99")]
    [DataRow("ff02::1")]
    [DataRow("::ffff:192.168.0.1")]
    public void AndNotSo(string text) => Assert.IsFalse(FirewallName.TryParse(text, out _));

    [TestMethod]
    public void WithoutMoreThanAFirewallTheDefaultsHold()
    {
        var options = Read("""{ "Firewall": "fw.corp.example" }""");
        CollectionAssert.AreEqual(new[] { new FirewallName("fw.corp.example", 1745) }, options.Firewalls.ToArray());
        Assert.AreEqual(UnreachableTreatment.Block, options.WhenFirewallUnreachable);
        Assert.AreEqual(NotRunningTreatment.Direct, options.WhenNotRunning);
        Assert.IsEmpty(options.DriverHashes);
        Assert.IsNull(options.Credential);
        Assert.AreEqual(CredentialUse.Services, options.CredentialUse);
        Assert.IsNull(options.ServicePrincipalName);
        Assert.AreEqual("HOST/fw.corp.example", options.Firewalls[0].DefaultPrincipal);
    }

    [TestMethod]
    public void WhomTheCredentialsAreForAndWhatTheFirewallProvesAreRead()
    {
        System.IO.File.WriteAllText(Path.Combine(_folder, "password"), "S3cret!pass\n");
        var options = Read(
            """
            { "Firewall": "192.168.0.1", "ServicePrincipalName": "rws/fw.corp.example",
              "Credentials": { "User": "alice@CORP.EXAMPLE", "PasswordFile": "password", "For": "Everyone" } }
            """);
        Assert.AreEqual(CredentialUse.Everyone, options.CredentialUse);
        Assert.AreEqual("rws/fw.corp.example", options.ServicePrincipalName);
        // By an address nobody has a principal: the firewall's own name decides.
        Assert.IsNull(Read("""{ "Firewall": "192.168.0.1" }""").ServicePrincipalName);

        var errors = Refused("""{ "Firewall": "192.168.0.1", "ServicePrincipalName": "fw", "Credentials": { "For": "Nobody" } }""").Errors;
        Assert.ContainsSingle(error => error.Contains(": ServicePrincipalName: \"fw\" is not a service principal", StringComparison.Ordinal), errors);
        Assert.ContainsSingle(error => error.Contains(": Credentials:For: \"Nobody\" is not one of Services, Everyone", StringComparison.Ordinal), errors);
    }

    [TestMethod]
    public void CommandLineIsOverEnvironmentIsOverFile()
    {
        const string Variable = "FWREDIRECT_LocalDomains";
        Environment.SetEnvironmentVariable(Variable, "one.example, two.example");
        try
        {
            const string Json = """{ "Firewall": "192.168.0.1", "LocalDomains": ["file.example"] }""";
            CollectionAssert.AreEqual(new[] { "one.example", "two.example" }, Read(Json).LocalDomains.ToArray());
            CollectionAssert.AreEqual(new[] { "line.example" }, Read(Json, "--LocalDomains", "line.example").LocalDomains.ToArray());
        }
        finally
        {
            Environment.SetEnvironmentVariable(Variable, null);
        }
    }

    [TestMethod]
    public void EveryMistakeIsReportedAtOnceWithItsSourceAndKey()
    {
        var failure = Refused(
            """
            { "Firewall": "a b:99999", "LocalAddresses": ["10.0.0.0/8", "x"], "LocalDomains": ["a b"], "Bogus": 1, "LogLevel": "Loud", "WhenNotRunning": "Perhaps", "DriverHashes": ["c0ffee"],
              "Credentials": { "User": "alice", "Password": "S3cret!pass" } }
            """,
            "--WhenFirewallUnreachable", "Maybe");
        foreach (var key in new[] { "Firewall", "LocalAddresses:1", "LocalDomains:0", "Bogus", "LogLevel", "WhenNotRunning", "DriverHashes:0", "Credentials", "Credentials:Password" })
            Assert.ContainsSingle(error => error.StartsWith($"{File}: {key}: ", StringComparison.Ordinal), failure.Errors, key);
        Assert.ContainsSingle(error => error.StartsWith("command line: WhenFirewallUnreachable: \"Maybe\" is not one of", StringComparison.Ordinal), failure.Errors);
        Assert.HasCount(10, failure.Errors);
        Assert.DoesNotContain("S3cret", failure.Message);
    }

    [TestMethod]
    public void APasswordFileThatIsMissingOrEmptyIsNamed()
    {
        const string Json = """{ "Firewall": "192.168.0.1", "Credentials": { "User": "alice", "PasswordFile": "password" } }""";
        var path = Path.Combine(_folder, "password");
        Assert.Contains($"Credentials:PasswordFile: {path} can not be read", Refused(Json).Errors.Single());
        System.IO.File.WriteAllText(path, "\nsecond line\n");
        Assert.Contains($"Credentials:PasswordFile: {path} has no password", Refused(Json).Errors.Single());
    }

    [TestMethod]
    public void BrokenJsonAndAMissingFileAreSentences()
    {
        Assert.Contains(File, Refused("{ nonsense").Errors.Single());
        System.IO.File.Delete(File);
        Assert.Contains("no such file", Assert.ThrowsExactly<ConfigurationException>(() => RedirectorOptionsReader.Read(File, [])).Errors.Single());
    }

    private ConfigurationException Refused(string json, params string[] commandLine) =>
        Assert.ThrowsExactly<ConfigurationException>(() => Read(json, commandLine));

    private RedirectorOptions Read(string json, params string[] commandLine)
    {
        System.IO.File.WriteAllText(File, json);
        return RedirectorOptionsReader.Read(File, commandLine);
    }
}
