using System.Net;
using System.Runtime.Versioning;
using FwRedirect.Redirector.Diversion.Windows.Blocking;

namespace FwRedirect.Tests.Redirector.Diversion.Windows.Blocking;

[TestClass]
[SupportedOSPlatform("windows")]
public sealed class PermittedDestinationsTests
{
    [TestMethod]
    public void WhatIsLocalAndTheMachinesOwnIsPermitted()
    {
        var permitted = Of("192.168.0.0/24", "2001:db8::/32");
        CollectionAssert.AreEquivalent(
            new[] { "0.0.0.0/8", "127.0.0.0/8", "169.254.0.0/16", "224.0.0.0/4", "240.0.0.0/4", "192.168.0.0/24" }, Texts(permitted.IPv4));
        CollectionAssert.AreEquivalent(new[] { "::1/128", "fc00::/7", "fe80::/10", "ff00::/8", "2001:db8::/32" }, Texts(permitted.IPv6));
    }

    [TestMethod]
    public void ANetworkInsideAnotherIsNotRepeated()
    {
        var permitted = Of("192.168.0.2/32", "192.168.0.0/24", "192.168.0.255/32", "192.168.1.0/24", "fe80::/64", "10.0.0.0/8", "10.0.0.0/8");
        CollectionAssert.AreEquivalent(
            new[] { "0.0.0.0/8", "127.0.0.0/8", "169.254.0.0/16", "224.0.0.0/4", "240.0.0.0/4", "192.168.0.0/24", "192.168.1.0/24", "10.0.0.0/8" }, Texts(permitted.IPv4));
        CollectionAssert.AreEquivalent(new[] { "::1/128", "fc00::/7", "fe80::/10", "ff00::/8" }, Texts(permitted.IPv6));
    }

    /// <summary>An empty list of conditions would permit everything.</summary>
    [TestMethod]
    public void NeitherFamilyIsEverEmpty()
    {
        var permitted = Of();
        Assert.IsNotEmpty(permitted.IPv4);
        Assert.IsNotEmpty(permitted.IPv6);
    }

    private static PermittedDestinations Of(params string[] networks) => PermittedDestinations.Of(networks.Select(n => IPNetwork.Parse(n)));

    private static string[] Texts(IEnumerable<IPNetwork> networks) => [.. networks.Select(n => n.ToString())];
}
