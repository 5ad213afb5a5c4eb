using System.Net;
using System.Net.Sockets;
using System.Runtime.Versioning;
using FwRedirect.Redirector.Diversion.Linux.Rules;

namespace FwRedirect.Tests.Redirector.Diversion.Linux.Rules;

[TestClass]
[TestCategory("Lab")]
[SupportedOSPlatform("linux")]
public sealed class FallbackRouteTests
{
    [TestMethod]
    public void ARealDefaultRouteThatComesLaterWins()
    {
        using var pair = new NamespacePair();
        using var route = NamespacePair.Run(pair.Client, () => FallbackRoute.Install(NamespacePair.FirewallAddress));
        Assert.IsTrue(route.Installed);
        Assert.Contains("dev lo src 192.168.0.2", Way(pair), StringComparison.Ordinal);
        NamespacePair.Ip("-n", pair.Client, "route", "add", "default", "via", "192.168.0.1");
        Assert.Contains("via 192.168.0.1", Way(pair), StringComparison.Ordinal);
        NamespacePair.Run(pair.Client, () =>
        {
            route.Dispose();
            return 0;
        });
        Assert.Contains("via 192.168.0.1", Way(pair), StringComparison.Ordinal);
        Assert.DoesNotContain("dev lo", pair.InClient("ip", "route"), StringComparison.Ordinal);
    }

    [TestMethod]
    public void WithADefaultRouteNothingIsAdded()
    {
        using var pair = new NamespacePair();
        NamespacePair.Ip("-n", pair.Client, "route", "add", "default", "via", "192.168.0.1");
        using var route = NamespacePair.Run(pair.Client, () => FallbackRoute.Install(NamespacePair.FirewallAddress));
        Assert.IsFalse(route.Installed);
        Assert.DoesNotContain("dev lo", pair.InClient("ip", "route"), StringComparison.Ordinal);
    }

    /// <summary>A unique local address and no router: without our route a connect would find no way, and no packet would be there to divert.</summary>
    [TestMethod]
    public void OfIPv6ThereIsOneToo()
    {
        using var pair = new NamespacePair();
        NamespacePair.Ip("-n", pair.Client, "address", "add", "fd00:c0a8::2/64", "dev", "inside", "nodad");
        Assert.IsFalse(NamespacePair.Run(pair.Client, () => DefaultRoute.Exists(AddressFamily.InterNetworkV6)));
        using var route = NamespacePair.Run(pair.Client, () => FallbackRoute.Install(IPAddress.Parse("fd00:c0a8::1")));
        Assert.IsTrue(route.Installed);
        Assert.IsFalse(NamespacePair.Run(pair.Client, () => DefaultRoute.Exists(AddressFamily.InterNetworkV6)), "our own");
        Assert.Contains("dev lo", pair.InClient("ip", "-6", "route", "get", "2001:db8:2::21"), StringComparison.Ordinal);
        Assert.Contains("src fd00:c0a8::2", pair.InClient("ip", "-6", "route", "get", "2001:db8:2::21"), StringComparison.Ordinal);
        NamespacePair.Run(pair.Client, () =>
        {
            FallbackRoute.Remove();
            return 0;
        });
        Assert.DoesNotContain("default", pair.InClient("ip", "-6", "route"), StringComparison.Ordinal);
    }

    private static string Way(NamespacePair pair) => pair.InClient("ip", "route", "get", "131.107.0.21");
}
