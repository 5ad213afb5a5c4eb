using System.Runtime.Versioning;
using FwRedirect.Redirector.Diversion.Linux.Rules;

namespace FwRedirect.Tests.Redirector.Diversion.Linux.Rules;

[TestClass]
[SupportedOSPlatform("linux")]
public sealed class DefaultRouteTests
{
    private const string Header = "Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT";
    private const string OurFallback = "lo\t00000000\t00000000\t0001\t0\t0\t4278198272\t00000000\t0\t0\t0";
    private const string Inside = "eth0\t0000A8C0\t00000000\t0001\t0\t0\t0\t00FFFFFF\t0\t0\t0";
    private const string Real = "eth0\t00000000\t0100A8C0\t0003\t0\t0\t100\t00000000\t0\t0\t0";

    [TestMethod]
    public void OurFallbackIsNone() => Assert.IsFalse(DefaultRoute.Exists([Header, OurFallback, Inside]));

    [TestMethod]
    [DataRow("00000000000000000000000000000000 00 00000000000000000000000000000000 00 00000000000000000000000000000000 ff002000 00000001 00000000 00000001       lo", false, DisplayName = "our fallback")]
    [DataRow("00000000000000000000000000000000 00 00000000000000000000000000000000 00 fe800000000000000000000000000001 00000400 00000001 00000000 00000003   inside", true, DisplayName = "by a router")]
    [DataRow("20010db8000100000000000000000000 40 00000000000000000000000000000000 00 00000000000000000000000000000000 00000100 00000001 00000000 00000001   inside", false, DisplayName = "a network")]
    public void OfIPv6TheSame(string line, bool exists) => Assert.AreEqual(exists, DefaultRoute.ExistsV6([line]));

    [TestMethod]
    public void ARealOneIsSeenBesideIt() => Assert.IsTrue(DefaultRoute.Exists([Header, OurFallback, Real, Inside]));
}
