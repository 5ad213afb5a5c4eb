using System.Net;
using System.Net.Sockets;
using System.Runtime.Versioning;
using FwRedirect.Redirector.Diversion.Windows.Routes;
using FwRedirect.Redirector.Diversion.Windows.Routes.Native;

namespace FwRedirect.Tests.Redirector.Diversion.Windows.Routes;

/// <summary>What is made of the system's table; the table itself is read on Windows.</summary>
[TestClass]
[SupportedOSPlatform("windows")]
public sealed class RouteTests
{
    private static readonly IPAddress Firewall = IPAddress.Parse("192.168.0.1");

    private static readonly IpForwardRow[] Lan =
    [
        Route("192.168.0.0/24", "0.0.0.0", 7, 256), Route("192.168.0.2/32", "0.0.0.0", 7, 256), Route("192.168.0.255/32", "0.0.0.0", 7, 256),
        Route("127.0.0.0/8", "0.0.0.0", 1, 256), Route("10.0.0.0/8", "192.168.0.254", 7, 1), Route("fe80::/64", "::", 7, 256),
    ];

    [TestMethod]
    public void EveryRouteButTheDefaultOnesIsLocal()
    {
        var networks = LocalNetworks.Among([.. Lan, Route("0.0.0.0/0", "192.168.0.254", 7, 0), Route("0.0.0.0/1", "10.8.0.1", 9, 0), Route("128.0.0.0/1", "10.8.0.1", 9, 0), Lan[0]]);
        CollectionAssert.AreEquivalent(
            new[] { "192.168.0.0/24", "192.168.0.2/32", "192.168.0.255/32", "127.0.0.0/8", "10.0.0.0/8", "fe80::/64" }, networks.Select(n => n.ToString()).ToArray());
    }

    [TestMethod]
    public void ADestinationWithBitsBesideItsPrefixIsItsNetwork()
    {
        var row = Route("192.168.0.0/24", "0.0.0.0", 7, 256);
        row.Destination = SocketAddressInet.From(IPAddress.Parse("192.168.0.77"));
        Assert.AreEqual("192.168.0.0/24", row.Network.ToString());
        row.PrefixLength = 33;
        Assert.IsNull(row.Network);
    }

    [TestMethod]
    public void OurFallbackIsNoDefaultRoute()
    {
        var ours = FallbackRoute.Compose(Firewall, Lan);
        Assert.IsTrue(FallbackRoute.IsOurs(ours));
        Assert.IsFalse(DefaultRoute.Among([.. Lan, ours], AddressFamily.InterNetwork));
        Assert.IsFalse(DefaultRoute.Among([.. Lan, Route("::/0", "fe80::1", 7, 0)], AddressFamily.InterNetwork));
        Assert.IsTrue(DefaultRoute.Among([.. Lan, ours, Route("0.0.0.0/0", "192.168.0.254", 7, 0)], AddressFamily.InterNetwork));
    }

    [TestMethod]
    public void AForeignRouteOfOurMetricIsNotOurs()
    {
        Assert.IsFalse(FallbackRoute.IsOurs(Route("10.0.0.0/8", "192.168.0.1", 7, FallbackRoute.Metric)));
        Assert.IsFalse(FallbackRoute.IsOurs(Route("0.0.0.0/0", "192.168.0.1", 7, 9999)));
    }

    [TestMethod]
    public void TheFallbackLeadsToTheFirewallOnTheLink()
    {
        var route = FallbackRoute.Compose(Firewall, Lan);
        Assert.AreEqual("0.0.0.0/0", route.Network.ToString());
        Assert.AreEqual(Firewall, route.NextHop.Address);
        Assert.AreEqual((7u, 70ul, FallbackRoute.Metric), (route.InterfaceIndex, route.InterfaceLuid, route.Metric));
        Assert.AreEqual((uint.MaxValue, uint.MaxValue), (route.ValidLifetime, route.PreferredLifetime));
    }

    [TestMethod]
    public void TheFallbackLeadsToTheRouterThatLeadsToTheFirewall()
    {
        var route = FallbackRoute.Compose(IPAddress.Parse("10.0.0.1"), Lan);
        Assert.AreEqual(IPAddress.Parse("192.168.0.254"), route.NextHop.Address);
    }

    [TestMethod]
    public void NoWayToTheFirewallIsSaid()
    {
        var failure = Assert.ThrowsExactly<IOException>(() => FallbackRoute.Compose(IPAddress.Parse("172.16.0.1"), Lan));
        Assert.AreEqual("there is no route to the firewall 172.16.0.1", failure.Message);
    }

    [TestMethod]
    public void TheNarrowestRouteWinsThenTheLowestMetric()
    {
        IpForwardRow[] routes = [Route("0.0.0.0/0", "1.1.1.1", 1, 0), Route("10.0.0.0/8", "2.2.2.2", 2, 20), Route("10.0.0.0/8", "3.3.3.3", 3, 10)];
        Assert.AreEqual(3u, ForwardTable.WayTo(IPAddress.Parse("10.1.1.1"), routes)?.InterfaceIndex);
        Assert.AreEqual(1u, ForwardTable.WayTo(IPAddress.Parse("11.1.1.1"), routes)?.InterfaceIndex);
        Assert.IsNull(ForwardTable.WayTo(IPAddress.IPv6Loopback, routes));
    }

    [TestMethod]
    public void TheSourceOfTheWayToLoopbackIsLoopback() => Assert.AreEqual(IPAddress.Loopback, BestRoute.SourceAddress(IPAddress.Loopback));

    [TestMethod]
    public void TheTableIsRead()
    {
        if (!OperatingSystem.IsWindows())
            Assert.Inconclusive("the routing table is read through iphlpapi.dll");
        Assert.Contains(IPNetwork.Parse("127.0.0.0/8"), LocalNetworks.Read());
    }

    private static IpForwardRow Route(string network, string nextHop, uint @interface, uint metric)
    {
        var parsed = IPNetwork.Parse(network);
        return new IpForwardRow
        {
            InterfaceIndex = @interface,
            InterfaceLuid = @interface * 10,
            Destination = SocketAddressInet.From(parsed.BaseAddress),
            PrefixLength = (byte)parsed.PrefixLength,
            NextHop = SocketAddressInet.From(IPAddress.Parse(nextHop)),
            Metric = metric,
            Protocol = IpForwardRow.ProtocolNetManagement,
        };
    }
}
