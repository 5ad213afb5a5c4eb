using System.Net;
using FwRedirect.Redirector.Rules;

namespace FwRedirect.Tests.Redirector.Rules;

[TestClass]
public sealed class LocalNamesTests
{
    private readonly LocalNames _local = new(
        new LocalDomains(["corp.example"], "firewall.example"), new LocalDestinations([new LocalNetwork(IPNetwork.Parse("192.168.0.0/24"), "interface")], IPEndPoint.Parse("192.0.2.1:1745")));

    [TestMethod]
    [DataRow("printer", true)]
    [DataRow("_ldap._tcp.corp.example", true)]
    [DataRow("7.0.168.192.in-addr.arpa", true)]
    [DataRow("21.0.107.131.in-addr.arpa", false)]
    [DataRow("1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.e.f.ip6.arpa", true)]
    [DataRow("1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa", false)]
    [DataRow("www.contoso.com", false)]
    public void NamesOfLocalAddressesAreLocalToo(string name, bool local) => Assert.AreEqual(local, _local.Why(name) is not null);
}
