using System.Net;
using FwRedirect.ControlChannel.Messages;
using FwRedirect.FirewallHost.Configuration;
using FwRedirect.FirewallHost.Sockets.Echo;

namespace FwRedirect.Tests.FirewallHost.Control;

[TestClass]
public sealed class ClientEchoTests
{
    private static readonly IPAddress Server = IPAddress.Parse("131.107.0.21");

    public TestContext TestContext { get; set; } = null!;

    [TestMethod]
    public async Task A_ping_goes_out_one_hop_shorter_and_its_answers_come_back()
    {
        await using var firewall = await LoopbackFirewall.StartAsync(pings: true);
        CollectionAssert.Contains(firewall.Client.Setup.Protocols.ToArray(), BindProtocol.Icmp);
        firewall.Client.Notify(Echo(1) with { Flags = EchoFlags.DontFragment });
        var sent = await firewall.EchoSentAsync();
        Assert.AreEqual((Server, (byte)63, true), (sent.Destination, sent.TimeToLive, sent.DontFragment));

        firewall.EchoSender.Answers.Replied(sent.Sequence, Server, 50, sent.Data);
        var reply = (EchoReply)firewall.Echoes.Take();
        Assert.AreEqual((new ObjectId(0x70000), Server, (byte)49, (ushort)0x1A2B, (ushort)1), (reply.Id, reply.Source, reply.TimeToLive, reply.Identifier, reply.Sequence));
        CollectionAssert.AreEqual("abcdefgh"u8.ToArray(), reply.Data.ToArray());

        firewall.EchoSender.Answers.Failed(sent.Sequence, Server, new IcmpReport(IPAddress.Parse("131.107.0.1"), 3, 4, 1300));
        Assert.AreEqual(
            "RWS:0x70000 Echo error to ftp.exe from 131.107.0.1; ICMP 3/4 for 131.107.0.21, identifier 0x1A2B, sequence 1", firewall.Echoes.Take().Describe());
    }

    [TestMethod]
    public async Task The_firewall_is_the_first_hop_itself()
    {
        await using var firewall = await LoopbackFirewall.StartAsync(pings: true);
        firewall.Client.Notify(Echo(7) with { TimeToLive = 1 });
        var error = (EchoError)firewall.Echoes.Take();
        Assert.AreEqual((LoopbackFirewall.Inside, (byte)11, (byte)0, (ushort)7), (error.Reporter, error.Type, error.Code, error.Sequence));
        Assert.IsEmpty(firewall.EchoSender.Sent);
    }

    [TestMethod]
    public async Task What_the_rules_deny_is_prohibited_and_stands_in_the_access_log_once()
    {
        AccessRule web = new("web", RuleAction.Allow, [], [], [], [], [new PortRange(80, 80)]);
        await using var firewall = await LoopbackFirewall.StartAsync(pings: true, rules: [web]);
        foreach (ushort sequence in new ushort[] { 1, 2, 3 })
        {
            firewall.Client.Notify(Echo(sequence));
            var error = (EchoError)firewall.Echoes.Take();
            Assert.AreEqual(((byte)3, (byte)13, sequence), (error.Type, error.Code, error.Sequence));
            Assert.AreEqual("denied by the rule 'Default rule'", error.Sentence);
        }

        Assert.IsEmpty(firewall.EchoSender.Sent);
        var line = (await firewall.AccessLogAfterTheEndAsync()).Single();
        Assert.Contains("\tICMP\t131.107.0.21\t0\t", line);
        Assert.Contains("\tDenied\tDefault rule\tWSAEACCES\t", line);
    }

    [TestMethod]
    public async Task A_run_is_one_line_of_the_access_log()
    {
        await using var firewall = await LoopbackFirewall.StartAsync(pings: true);
        foreach (ushort sequence in new ushort[] { 1, 2, 3 })
            firewall.Client.Notify(Echo(sequence));
        for (var i = 0; i < 3; i++)
        {
            var sent = await firewall.EchoSentAsync();
            if (i < 2)
                firewall.EchoSender.Answers.Replied(sent.Sequence, Server, 50, sent.Data);
        }

        var line = (await firewall.AccessLogAfterTheEndAsync()).Single();
        Assert.Contains("\t6699\tCLIENT\t", line, "the identifier stands where a port would");
        Assert.Contains("\tClosed\tLocal clients\t2 of 3 answered\t24\t16\t", line);
    }

    [TestMethod]
    public async Task A_firewall_that_may_not_ping_does_not_say_that_it_could()
    {
        await using var firewall = await LoopbackFirewall.StartAsync();
        CollectionAssert.DoesNotContain(firewall.Client.Setup.Protocols.ToArray(), BindProtocol.Icmp);
        firewall.Client.Notify(Echo(1));
        // It is lost, and the session lives.
        Assert.IsInstanceOfType<ErrorReply>(await firewall.Client.RequestAsync(new GetHostByName("nobody.example") { Id = firewall.Client.Ids.Next() }));
    }

    [TestMethod]
    public async Task Over_IPv6_errors_have_the_numbers_of_ICMPv6()
    {
        IPAddress server = IPAddress.Parse("2001:db8:2::21");
        AccessRule web = new("web", RuleAction.Deny, [], [], [IPNetwork.Parse("2001:db8:3::/48")], [], []);
        AccessRule all = new("all", RuleAction.Allow, [], [], [], [], []);
        await using var firewall = await LoopbackFirewall.StartAsync(pings: true, rules: [web, all], inside: LoopbackFirewall.IPv6, ipv6: true);
        CollectionAssert.Contains(firewall.Client.Setup.Protocols.ToArray(), BindProtocol.Icmp);
        Assert.AreEqual((LoopbackFirewall.IPv6, (byte)3, (byte)0), Error(Echo(1) with { Destination = server, TimeToLive = 1 }));
        Assert.AreEqual((LoopbackFirewall.IPv6, (byte)1, (byte)1), Error(Echo(2) with { Destination = IPAddress.Parse("2001:db8:3::21") }));
        Assert.AreEqual((LoopbackFirewall.IPv6, (byte)1, (byte)0), Error(Echo(3)), "a destination of the other version");

        firewall.Client.Notify(Echo(4) with { Destination = server });
        var sent = await firewall.EchoSentAsync();
        Assert.AreEqual((server, (byte)63), (sent.Destination, sent.TimeToLive));
        firewall.EchoSender.Answers.Replied(sent.Sequence, server, 50, sent.Data);
        Assert.AreEqual((server, (byte)49), firewall.Echoes.Take() is EchoReply reply ? (reply.Source, reply.TimeToLive) : default);
        Assert.Contains("\tICMP\t2001:db8:2::21\t0\t", string.Join('\n', await firewall.AccessLogAfterTheEndAsync()));

        (IPAddress, byte, byte) Error(EchoRequest request)
        {
            firewall.Client.Notify(request);
            var error = (EchoError)firewall.Echoes.Take();
            return (error.Reporter, error.Type, error.Code);
        }
    }

    private static EchoRequest Echo(ushort sequence) => new(Server, 64, EchoFlags.None, 0x1A2B, sequence, "abcdefgh"u8.ToArray()) { Id = new ObjectId(0x70000) };
}
