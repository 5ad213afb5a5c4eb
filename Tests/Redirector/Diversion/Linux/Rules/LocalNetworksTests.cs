using System.Net;
using System.Runtime.Versioning;
using FwRedirect.Redirector.Diversion.Linux.Rules;

namespace FwRedirect.Tests.Redirector.Diversion.Linux.Rules;

[TestClass]
[SupportedOSPlatform("linux")]
public sealed class LocalNetworksTests
{
    [TestMethod]
    public void RoutesOtherThanTheDefaultAreLocal()
    {
        var networks = new HashSet<IPNetwork>();
        LocalNetworks.ReadRoutes(
            """
            [{"dst":"default","gateway":"192.168.0.1","dev":"eth0"},{"dst":"0.0.0.0/1","dev":"tun0"},{"dst":"128.0.0.0/1","dev":"tun0"},
             {"dst":"192.168.0.0/24","dev":"eth0"},{"dst":"10.9.8.7","dev":"eth0"},{"type":"blackhole","dst":"172.16.0.0/12"}]
            """,
            networks);
        CollectionAssert.AreEquivalent(new[] { IPNetwork.Parse("192.168.0.0/24"), IPNetwork.Parse("10.9.8.7/32") }, networks.ToArray());
    }

    [TestMethod]
    [TestCategory("Lab")]
    public void ANamespaceTellsItsOwnNetworks()
    {
        using var pair = new NamespacePair();
        NamespacePair.Ip("-n", pair.Client, "route", "add", "10.20.0.0/16", "via", "192.168.0.1");
        NamespacePair.Ip("-n", pair.Client, "route", "add", "default", "via", "192.168.0.1");
        var networks = NamespacePair.Run(pair.Client, LocalNetworks.Read).Where(network => network.BaseAddress.GetAddressBytes().Length == 4).ToArray();
        CollectionAssert.AreEquivalent(
            new[] { IPNetwork.Parse("127.0.0.0/8"), IPNetwork.Parse("192.168.0.0/24"), IPNetwork.Parse("10.20.0.0/16") }, networks);
    }
}
