using System.Net;
using FwRedirect.ControlChannel.Configuration;
using FwRedirect.FirewallHost.Configuration;

namespace FwRedirect.Tests.FirewallHost.Configuration;

[TestClass]
public sealed class FirewallOptionsReaderTests
{
    private readonly string _file = Path.Combine(Path.GetTempPath(), $"fwhost-{Guid.NewGuid():N}.json");

    [TestCleanup]
    public void Remove() => File.Delete(_file);

    [TestMethod]
    public void The_design_s_example_is_read()
    {
        var options = Read(
            """
            { // comment
              "InternalAddresses": ["192.168.0.1"], "ExternalAddress": "131.107.0.19", "ControlPort": 1745, "DataPorts": "6789-6852",
              "Authentication": "Required" /* Required | Optional | None */, "Encryption": "Optional", "DnsServers": ["131.107.0.2"],
              "LocalAddresses": ["192.168.0.0/24"], "LocalDomains": ["corp.example"], "Applications": { "ftp": { } }, "AccessLog": "access.log",
              "Rules": [ { "Name": "web", "Action": "Allow", "Users": ["CONTOSO\\alice"], "Destinations": ["10.0.0.0/8", "*.example"], "Ports": ["80", "8000-8010"], "Protocols": ["TCP", "Ping"] } ],
            }
            """);
        Assert.AreEqual(new PortRange(6789, 6852), options.DataPorts);
        Assert.AreEqual(IPEndPoint.Parse("131.107.0.2:53"), options.DnsServers.Single());
        Assert.AreEqual(Path.Combine(Path.GetTempPath(), "access.log"), options.AccessLog);
        Assert.AreEqual("*.example", options.Rules.Single().Names.Single());
        CollectionAssert.AreEqual(new[] { RuleProtocol.Tcp, RuleProtocol.Ping }, options.Rules.Single().Protocols.ToArray());
        Assert.AreEqual("Applications", options.Unused.Single());
    }

    [TestMethod]
    public void Command_line_is_over_the_file()
    {
        var options = Read(
            """{ "InternalAddresses": ["192.168.0.1"], "ExternalAddress": "131.107.0.19" }""",
            "--DataPorts", "dynamic", "--InternalAddresses", "10.0.0.1, 10.0.0.2", "--Authentication=none");
        Assert.IsNull(options.DataPorts);
        Assert.HasCount(2, options.InternalAddresses);
        Assert.AreEqual(AuthenticationMode.None, options.Authentication);
    }

    [TestMethod]
    public void Udp_has_its_keys_and_its_least_times()
    {
        const string Least = """{ "InternalAddresses": ["192.168.0.1"], "ExternalAddress": "131.107.0.19" }""";
        Assert.AreEqual(new UdpOptions(), Read(Least).Udp, "the defaults of the reader and of the record");
        var options = Read(
            Least, "--UdpFiltering", "EndpointIndependent", "--UdpRefresh", "Outbound", "--UdpIdleSeconds", "120", "--UdpDatagramBytes", "8192");
        Assert.AreEqual(
            new UdpOptions
            {
                Filtering = DatagramFiltering.EndpointIndependent,
                Refresh = DatagramRefresh.Outbound,
                Idle = TimeSpan.FromMinutes(2),
                LargestDatagram = 8192,
            },
            options.Udp);
        var e = Assert.ThrowsExactly<ConfigurationException>(() => Read(
            Least, "--UdpFiltering", "No", "--UdpRefresh", "1", "--UdpIdleSeconds", "119", "--UdpDatagramBytes", "65508"));
        foreach (var key in new[] { "UdpFiltering", "UdpRefresh", "UdpIdleSeconds", "UdpDatagramBytes" })
            Assert.ContainsSingle(error => error.StartsWith($"command line: {key}: ", StringComparison.Ordinal), e.Errors, key);
    }

    [TestMethod]
    public void Every_mistake_is_reported_at_once_with_its_source_and_key()
    {
        var e = Assert.ThrowsExactly<ConfigurationException>(() => Read(
            """
            { "InternalAddresses": ["x"], "ControlPort": 99999, "DataPorts": "5-4", "Encryption": "Required", "Bogus": 1, "Authentication": "1",
              "Rules": [ { "Action": "Maybe", "Ports": ["a"], "Protocols": ["ICMP"], "Foo": 2, "Users": ["alice"], "Destinations": ["a b"] } ] }
            """,
            "--KeepAliveSeconds", "0"));
        foreach (var key in new[]
        {
            "InternalAddresses:0", "ControlPort", "DataPorts", "Encryption", "Bogus", "Authentication", "ExternalAddress", "Rules:0:Name", "Rules:0:Action",
            "Rules:0:Ports:0", "Rules:0:Protocols:0", "Rules:0:Foo", "Rules:0:Users:0", "Rules:0:Destinations",
        })
        {
            Assert.ContainsSingle(error => error.StartsWith($"{_file}: {key}: ", StringComparison.Ordinal), e.Errors, key);
        }

        Assert.Contains("command line: KeepAliveSeconds: \"0\" is not a number from 1 to 3600", e.Errors);
    }

    [TestMethod]
    public void Broken_json_and_missing_file_are_sentences()
    {
        Assert.Contains(_file, Assert.ThrowsExactly<ConfigurationException>(() => Read("{ nonsense")).Errors.Single());
        File.Delete(_file);
        Assert.Contains("no such file", Assert.ThrowsExactly<ConfigurationException>(() => FirewallOptionsReader.Read(_file, [])).Errors.Single());
    }

    private FirewallOptions Read(string json, params string[] commandLine)
    {
        File.WriteAllText(_file, json);
        return FirewallOptionsReader.Read(_file, commandLine);
    }
}
