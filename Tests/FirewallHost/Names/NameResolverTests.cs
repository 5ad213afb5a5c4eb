using System.Net;
using FwRedirect.ControlChannel.Wire;
using FwRedirect.FirewallHost.Names;

namespace FwRedirect.Tests.FirewallHost.Names;

[TestClass]
public sealed class NameResolverTests
{
    private readonly ResolvedNames _names = new(TimeProvider.System);

    [TestMethod]
    [Timeout(30_000)]
    public async Task Host_entry_has_both_families_and_the_chain_as_aliases()
    {
        using var server = new DnsResponder();
        using var resolver = Resolver(server);
        var answer = await resolver.ResolveAsync("ftp.contoso.com.", CancellationToken.None);
        Assert.AreEqual(WinsockError.None, answer.Error, answer.Sentence);
        Assert.AreEqual("host.contoso.com", answer.CanonicalName);
        Assert.AreSequenceEqual(new[] { "ftp.contoso.com" }, answer.Aliases);
        Assert.AreSequenceEqual(new[] { IPAddress.Parse("131.107.0.21"), IPAddress.Parse("2001:db8::21") }, answer.Addresses);
        Assert.IsTrue(answer.TimeToLive.TotalSeconds is > 55 and <= 60, $"{answer.TimeToLive}: the shortest of the chain");
        Assert.Contains("ftp.contoso.com", _names.Of(IPAddress.Parse("131.107.0.21")));
    }

    [TestMethod]
    [Timeout(30_000)]
    [DataRow("nobody.example", WinsockError.WSAHOST_NOT_FOUND)]
    [DataRow("empty.example", WinsockError.WSANO_DATA)]
    [DataRow("broken.example", WinsockError.WSATRY_AGAIN)]
    [DataRow("silent.example", WinsockError.WSATRY_AGAIN)]
    [DataRow("www.corp.example", WinsockError.WSAHOST_NOT_FOUND)]
    [DataRow("not a name", WinsockError.WSAHOST_NOT_FOUND)]
    [DataRow("", WinsockError.WSAHOST_NOT_FOUND)]
    public async Task Failures_are_winsock_s(string name, WinsockError error)
    {
        using var server = new DnsResponder();
        using var resolver = Resolver(server);
        Assert.AreEqual(error, (await resolver.ResolveAsync(name, CancellationToken.None)).Error);
    }

    private NameResolver Resolver(DnsResponder server) => new([server.Endpoint], ["corp.example"], _names, TimeProvider.System);
}
