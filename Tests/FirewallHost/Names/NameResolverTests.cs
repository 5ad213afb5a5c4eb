using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using FwRedirect.ControlChannel.Names;
using FwRedirect.ControlChannel.Wire;
using FwRedirect.FirewallHost.Names;
using FwRedirect.Tests.ControlChannel.Names;

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

    [TestMethod]
    [Timeout(30_000)]
    public async Task An_absence_comes_with_its_zone()
    {
        using var server = new DnsResponder();
        using var resolver = Resolver(server);
        var answer = await resolver.ResolveAsync("nobody.example", CancellationToken.None);
        Assert.AreEqual("ns.contoso.com", answer.Authority!.PrimaryServer);
        Assert.AreEqual(300u, answer.Authority.NegativeTimeToLive);
    }

    [TestMethod]
    [Timeout(30_000)]
    public async Task An_address_has_its_names()
    {
        using var server = new DnsResponder();
        using var resolver = Resolver(server);
        var answer = await resolver.ResolveAsync(IPAddress.Parse("131.107.0.21"), CancellationToken.None);
        Assert.AreEqual((WinsockError.None, "ftp.contoso.com"), (answer.Error, answer.CanonicalName), answer.Sentence);
        Assert.Contains("www.contoso.com", answer.Aliases);
        Assert.IsFalse(answer.Aliases.Any(name => name.Contains(' ')), "no message can carry it");
        Assert.AreEqual(WinsockError.WSAHOST_NOT_FOUND, (await resolver.ResolveAsync(IPAddress.Parse("131.107.0.99"), CancellationToken.None)).Error);
        Assert.AreEqual(WinsockError.WSAHOST_NOT_FOUND, (await resolver.ResolveAsync(IPAddress.Parse("10.1.2.3"), CancellationToken.None)).Error);
        Assert.DoesNotContain("3.2.1.10", string.Join(' ', server.Queries.Select(query => Queries.Parse(query).Name)), "a local address is not asked outside");
    }

    [TestMethod]
    [Timeout(30_000)]
    public async Task Other_questions_are_asked_on_as_they_are()
    {
        using var server = new DnsResponder();
        using var resolver = Resolver(server);
        var asked = Queries.Make("Mail.Example", Queries.Mx, id: 0xBEEF, edns: 4096, dnssecOk: true);
        var answer = await RelayAsync(resolver, asked);
        Assert.AreEqual(WinsockError.None, answer.Error, answer.Sentence);
        Assert.AreEqual(0xBEEF, BinaryPrimitives.ReadUInt16BigEndian(answer.Message));
        Assert.IsTrue(Queries.Parse(asked).IsAnsweredBy(answer.Message));
        var seen = Queries.Parse(server.Queries.Single());
        Assert.AreEqual("Mail.Example", seen.Name);
        Assert.IsTrue(seen.DnssecOk);
    }

    [TestMethod]
    [Timeout(30_000)]
    public async Task A_truncated_answer_is_fetched_over_tcp()
    {
        using var server = new DnsResponder();
        using var resolver = Resolver(server);
        var answer = await RelayAsync(resolver, Queries.Make("big.example", Queries.Txt));
        Assert.IsFalse(DnsReply.IsTruncated(answer.Message));
        Assert.IsGreaterThan(DnsResponder.BigLength, answer.Message!.Length);
    }

    [TestMethod]
    [Timeout(30_000)]
    public async Task The_next_server_is_asked_where_one_fails()
    {
        using var failing = new DnsResponder(fails: true);
        using var server = new DnsResponder();
        using var closed = new UdpClient(new IPEndPoint(IPAddress.Loopback, 0));
        var nobody = (IPEndPoint)closed.Client.LocalEndPoint!;
        closed.Dispose();
        using var resolver = new NameResolver([nobody, failing.Endpoint, server.Endpoint], [], _names, TimeProvider.System);
        var answer = await RelayAsync(resolver, Queries.Make("mail.example", Queries.Mx));
        Assert.AreEqual((DnsResponseCode.NoError, 1), (DnsReply.Code(answer.Message), DnsReply.Answers(answer.Message)));
        using var alone = new NameResolver([failing.Endpoint], [], _names, TimeProvider.System);
        Assert.AreEqual(DnsResponseCode.ServerFailure, DnsReply.Code((await RelayAsync(alone, Queries.Make("mail.example", Queries.Mx))).Message));
    }

    [TestMethod]
    [Timeout(30_000)]
    public async Task What_is_guessed_is_not_believed()
    {
        using var server = new DnsResponder();
        using var resolver = Resolver(server);
        var answer = await RelayAsync(resolver, Queries.Make("forged.example", Queries.A, edns: 1232, dnssecOk: true));
        Assert.AreEqual(2, DnsReply.Answers(answer.Message));
        Assert.Contains("forged.example", _names.Of(IPAddress.Parse("131.107.0.21")), "addresses of relayed answers are remembered too");
        await RelayAsync(resolver, Queries.Make("mail.example", Queries.Mx));
        await RelayAsync(resolver, Queries.Make("mail.example", Queries.Mx));
        Assert.HasCount(3, server.Queries.Select(query => BinaryPrimitives.ReadUInt16BigEndian(query)).Distinct(), "a new id each time");
    }

    [TestMethod]
    [Timeout(30_000)]
    [DataRow("silent.example", WinsockError.WSATRY_AGAIN)]
    [DataRow("_ldap._tcp.corp.example", WinsockError.WSAHOST_NOT_FOUND)]
    [DataRow("3.2.1.10.in-addr.arpa", WinsockError.WSAHOST_NOT_FOUND)]
    public async Task Relayed_failures_are_winsock_s(string name, WinsockError error)
    {
        using var server = new DnsResponder();
        using var resolver = Resolver(server);
        Assert.AreEqual(error, (await RelayAsync(resolver, Queries.Make(name, Queries.Srv))).Error);
        Assert.AreEqual(name == "silent.example", !server.Queries.IsEmpty, "what is local is not asked outside");
    }

    private static Task<RelayedAnswer> RelayAsync(NameResolver resolver, byte[] query) => resolver.RelayAsync(Queries.Parse(query), CancellationToken.None);

    private NameResolver Resolver(DnsResponder server) => new([server.Endpoint], ["corp.example"], _names, TimeProvider.System, [IPNetwork.Parse("10.0.0.0/8")]);
}
