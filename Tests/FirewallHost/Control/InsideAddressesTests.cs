using System.Net;
using FwRedirect.FirewallHost.Configuration;
using FwRedirect.FirewallHost.Control;

namespace FwRedirect.Tests.FirewallHost.Control;

[TestClass]
public sealed class InsideAddressesTests
{
    private static readonly FirewallOptions Options = new()
    {
        Name = "FIREWALL",
        AccountFile = "",
        InternalAddresses = [.. new[] { "192.168.0.1", "10.0.0.1", "2001:db8:1::1", "2001:db8:10::1" }.Select(IPAddress.Parse)],
        ExternalAddress = IPAddress.Parse("131.107.0.19"),
        ExternalAddressIPv6 = IPAddress.Parse("2001:db8:2::19"),
    };

    private static readonly Dictionary<IPAddress, string> Cards = new()
    {
        [IPAddress.Parse("192.168.0.1")] = "eth0",
        [IPAddress.Parse("10.0.0.1")] = "eth1",
        [IPAddress.Parse("2001:db8:1::1")] = "eth0",
        [IPAddress.Parse("2001:db8:10::1")] = "eth1",
    };

    [TestMethod]
    [DataRow("192.168.0.1", "2001:db8:1::1")]
    [DataRow("10.0.0.1", "2001:db8:10::1")]
    [DataRow("2001:db8:10::1", "10.0.0.1")]
    [DataRow("192.168.7.7", "2001:db8:1::1", DisplayName = "one that no card is known of: the first")]
    public void The_other_version_s_address_is_that_of_the_same_card(string reached, string other) =>
        Assert.AreEqual(IPAddress.Parse(other), new InsideAddresses(Options, Cards).Other(IPAddress.Parse(reached)));

    [TestMethod]
    public void There_is_none_in_a_version_without_an_outside_address_or_an_inside_one()
    {
        var ipv4 = new InsideAddresses(Options with { ExternalAddressIPv6 = null }, Cards);
        Assert.IsNull(ipv4.Other(IPAddress.Parse("192.168.0.1")));
        Assert.AreEqual(IPAddress.Parse("192.168.0.1"), ipv4.Other(IPAddress.Parse("2001:db8:1::1")));
        Assert.IsNull(new InsideAddresses(Options with { InternalAddresses = [IPAddress.Parse("192.168.0.1")] }, Cards).Other(IPAddress.Parse("192.168.0.1")));
    }
}
