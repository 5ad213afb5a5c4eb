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

    private static string Way(NamespacePair pair) => pair.InClient("ip", "route", "get", "131.107.0.21");
}
