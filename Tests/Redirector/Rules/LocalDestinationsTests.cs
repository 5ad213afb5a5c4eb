using System.Net;
using FwRedirect.Redirector.Rules;
using FwRedirect.Tests.Redirector.Packets;

namespace FwRedirect.Tests.Redirector.Rules;

[TestClass]
public sealed class LocalDestinationsTests
{
    private readonly LocalDestinations _local = new(
    [
        .. LocalDestinations.Always, new(IPNetwork.Parse("192.168.0.0/24"), "interface or route"), new(IPNetwork.Parse("10.1.2.3/32"), "LocalAddresses"),
        new(IPNetwork.Parse("2001:db8::/32"), "LocalAddresses"),
    ], IPEndPoint.Parse("172.16.0.1:1745"));

    [TestMethod]
    [DataRow("192.168.0.0:21", "192.168.0.0/24 (interface or route)")]
    [DataRow("192.168.0.255:21", "192.168.0.0/24 (interface or route)")]
    [DataRow("192.168.1.0:21", null)]
    [DataRow("10.1.2.3:21", "10.1.2.3/32 (LocalAddresses)")]
    [DataRow("10.1.2.4:21", null)]
    [DataRow("127.255.0.1:80", "127.0.0.0/8 (loopback)")]
    [DataRow("169.254.1.1:80", "169.254.0.0/16 (link-local)")]
    [DataRow("224.0.0.251:5353", "224.0.0.0/4 (multicast)")]
    [DataRow("255.255.255.255:67", "240.0.0.0/4 (reserved and broadcast)")]
    [DataRow("131.107.0.21:21", null)]
    [DataRow("[2001:4860::8888]:53", null)]
    [DataRow("[2001:db8:ffff::1]:53", "2001:db8::/32 (LocalAddresses)")]
    [DataRow("[2001:db9::1]:53", null)]
    [DataRow("[::1]:80", "::1/128 (loopback)")]
    [DataRow("[::2]:80", null)]
    [DataRow("[fe80::1]:80", "fe80::/10 (link-local)")]
    [DataRow("[febf:ffff::1]:80", "fe80::/10 (link-local)")]
    [DataRow("[fec0::1]:80", null)]
    [DataRow("[fd00::1]:80", null, DisplayName = "unique local without a route")]
    [DataRow("[ff02::fb]:5353", "ff00::/8 (multicast)")]
    [DataRow("172.16.0.1:1745", "the control channel")]
    [DataRow("172.16.0.1:1746", null)]
    [DataRow("172.16.0.2:1745", null)]
    public void EachDecisionKnowsItsEntry(string destination, string? why)
    {
        Assert.AreEqual(why, _local.Why(Raw.At(destination)));
        Assert.AreEqual(why is not null, _local.IsLocal(Raw.At(destination)));
    }

    [TestMethod]
    public void AReplacedListIsTheWholeList()
    {
        _local.Replace([new(IPNetwork.Parse("131.107.0.0/16"), "tunnel")]);
        Assert.AreEqual("131.107.0.0/16 (tunnel)", _local.Why(Raw.At("131.107.0.21:21")));
        Assert.IsNull(_local.Why(Raw.At("192.168.0.1:21")));
    }

    [TestMethod]
    public void ANetworkOfNoBitsOfIPv6IsAllOfIt() =>
        Assert.IsTrue(new LocalDestinations([new(IPNetwork.Parse("::/0"), "LocalAddresses")], new IPEndPoint(IPAddress.Loopback, 1745)).IsLocal(Raw.At("[2001:4860::8888]:53")));

    [TestMethod]
    public void ANetworkOfNoBitsIsEverything() =>
        Assert.IsTrue(new LocalDestinations([new(IPNetwork.Parse("0.0.0.0/0"), "LocalAddresses")], new IPEndPoint(IPAddress.Loopback, 1745)).IsLocal(Raw.At("131.107.0.21:21")));
}
