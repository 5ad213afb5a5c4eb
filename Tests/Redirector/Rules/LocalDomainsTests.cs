using FwRedirect.Redirector.Rules;

namespace FwRedirect.Tests.Redirector.Rules;

[TestClass]
public sealed class LocalDomainsTests
{
    private readonly LocalDomains _local = new([new LocalDomain(".corp.example", "file"), new LocalDomain("lan", "the firewall FW")], "Proxy.contoso.com");

    [TestMethod]
    [DataRow("printer", "a name without a dot")]
    [DataRow("printer.", "a name without a dot")]
    [DataRow("corp.example", "corp.example (LocalDomains, file)")]
    [DataRow("Mail.CORP.example.", "corp.example (LocalDomains, file)")]
    [DataRow("notcorp.example", null)]
    [DataRow("corp.example.com", null)]
    [DataRow("nas.lan", "lan (LocalDomains, the firewall FW)")]
    [DataRow("ftp.contoso.com", null)]
    [DataRow("proxy.contoso.com", "the firewall's own name")]
    [DataRow("PROXY.contoso.com.", "the firewall's own name")]
    [DataRow("www.proxy.contoso.com", null)]
    [DataRow("notproxy.contoso.com", null)]
    public void ANameIsLocalByItsWholeLabels(string name, string? why) => Assert.AreEqual(why, _local.Why(name));

    [TestMethod]
    public void AStarIsEveryName() => Assert.AreEqual("* (LocalDomains, file)", new LocalDomains([new LocalDomain("*", "file")], "192.168.0.1").Why("ftp.contoso.com"));
}
