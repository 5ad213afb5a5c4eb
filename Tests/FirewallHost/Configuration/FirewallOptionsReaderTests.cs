using System.Net;
using System.Net.Sockets;
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
              "LocalAddresses": ["192.168.0.0/24"], "LocalDomains": ["corp.example"], "Applications": { "ftp": { "RemoteBindTcpPorts": ["20", "1025-5000"] } }, "ClientEntriesWin": false, "AccessLog": "access.log",
              "Rules": [ { "Name": "web", "Action": "Allow", "Users": ["CONTOSO\\alice"], "Destinations": ["10.0.0.0/8", "*.example"], "Ports": ["80", "8000-8010"], "Protocols": ["TCP", "Ping"] } ],
            }
            """);
        Assert.AreEqual(new PortRange(6789, 6852), options.DataPorts);
        Assert.AreEqual(IPEndPoint.Parse("131.107.0.2:53"), options.DnsServers.Single());
        Assert.AreEqual(Path.Combine(Path.GetTempPath(), "access.log"), options.AccessLog);
        Assert.AreEqual("*.example", options.Rules.Single().Names.Single());
        Assert.AreEqual("RemoteBindTcpPorts=20,1025-5000 of ftp", options.Applications.All.Single().ToString().Split(", ")[0]);
        Assert.IsFalse(options.ClientEntriesWin);
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
    public void IPv6_stands_beside_IPv4_or_alone()
    {
        var options = Read(
            """
            { "InternalAddresses": ["192.168.0.1", "2001:db8:1::1"], "ExternalAddress": "131.107.0.19", "ExternalAddressIPv6": "2001:db8:2::19",
              "MoreExternalAddresses": ["131.107.0.20", "2001:db8:2::20"], "LocalAddresses": ["192.168.0.0/24", "2001:db8:1::/64", "fd00::7"], "DnsServers": ["2001:db8:2::2", "[2001:db8:2::3]:5353"],
              "Rules": [ { "Name": "web", "Action": "Allow", "Destinations": ["2001:db8:2::/48", "2001:db8:3::21"] } ] }
            """);
        Assert.AreEqual(IPAddress.Parse("131.107.0.19"), options.ExternalOf(AddressFamily.InterNetwork));
        Assert.AreEqual(IPAddress.Parse("2001:db8:2::19"), options.ExternalOf(AddressFamily.InterNetworkV6));
        Assert.AreEqual(IPEndPoint.Parse("[2001:db8:2::2]:53"), options.DnsServers[0]);
        Assert.AreEqual(IPEndPoint.Parse("[2001:db8:2::3]:5353"), options.DnsServers[1]);
        Assert.AreEqual(IPNetwork.Parse("fd00::7/128"), options.LocalAddresses[2]);
        Assert.AreEqual(IPNetwork.Parse("2001:db8:3::21/128"), options.Rules[0].Networks[1]);

        var alone = Read("""{ "InternalAddresses": ["2001:db8:1::1"], "ExternalAddressIPv6": "2001:db8:2::19" }""");
        Assert.IsNull(alone.ExternalAddress);
        Assert.IsNull(Read("""{ "InternalAddresses": ["192.168.0.1", "2001:db8:1::1"], "ExternalAddress": "131.107.0.19" }""").ExternalOf(AddressFamily.InterNetworkV6));
    }

    [TestMethod]
    public void Addresses_that_can_not_be_are_reported_with_their_reason()
    {
        var e = Assert.ThrowsExactly<ConfigurationException>(() => Read(
            """
            { "InternalAddresses": ["192.168.0.1", "fe80::1%2", "::", "::ffff:10.0.0.1"], "ExternalAddress": "2001:db8:2::19", "ExternalAddressIPv6": "131.107.0.19",
              "MoreExternalAddresses": ["2001:db8:2::20", "ff02::1"], "LocalAddresses": ["::ffff:10.0.0.0/104"],
              "Rules": [ { "Name": "web", "Action": "Deny", "Destinations": ["::ffff:131.107.0.21"] } ] }
            """));
        foreach (var error in new[]
        {
            "InternalAddresses: fe80::1%2 is good on one link only", "InternalAddresses: :: stands for every address", "InternalAddresses: ::ffff:10.0.0.1 is IPv4 in the form of IPv6",
            "ExternalAddress: \"2001:db8:2::19\" is not an IPv4 address; one of IPv6 is ExternalAddressIPv6", "ExternalAddressIPv6: \"131.107.0.19\" is not an IPv6 address",
            "MoreExternalAddresses: 2001:db8:2::20 needs an ExternalAddressIPv6 beside it", "MoreExternalAddresses: ff02::1 is a multicast address",
            "LocalAddresses: ::ffff:10.0.0.0/104 is IPv4 in the form of IPv6", "LocalAddresses: has no network of IPv4, so that no client could use the inside address 192.168.0.1",
            "Rules:0:Destinations: ::ffff:131.107.0.21 is IPv4 in the form of IPv6",
        })
        {
            Assert.ContainsSingle(found => found.StartsWith($"{_file}: {error}", StringComparison.Ordinal), e.Errors, $"{error}\n{string.Join('\n', e.Errors)}");
        }

        Assert.Contains(
            "ExternalAddressIPv6: is of no use without",
            Assert.ThrowsExactly<ConfigurationException>(() => Read(
                """{ "InternalAddresses": ["192.168.0.1"], "ExternalAddress": "131.107.0.19", "ExternalAddressIPv6": "2001:db8:2::19" }""")).Errors.Single());
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
