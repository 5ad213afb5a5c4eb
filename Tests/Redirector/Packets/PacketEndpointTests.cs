using System.Net;
using FwRedirect.Redirector.Packets;

namespace FwRedirect.Tests.Redirector.Packets;

[TestClass]
public sealed class PacketEndpointTests
{
    [TestMethod]
    public void IPv4ComesBackAsIPv4()
    {
        var endpoint = PacketEndpoint.From(IPEndPoint.Parse("131.107.0.21:21"));
        Assert.IsTrue(endpoint.IsIPv4);
        Assert.AreEqual(0x836B0015u, endpoint.IPv4);
        Assert.AreEqual(PacketEndpoint.FromIPv4(0x836B0015, 21), endpoint);
        Assert.AreEqual("131.107.0.21:21", endpoint.ToString());
    }
}
