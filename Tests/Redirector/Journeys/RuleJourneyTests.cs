using FwRedirect.ControlChannel.Messages;
using FwRedirect.ControlChannel.Settings;
using FwRedirect.Redirector.Configuration;
using FwRedirect.Redirector.Diversion;
using FwRedirect.Redirector.Packets;
using FwRedirect.Redirector.Processes;
using FwRedirect.Tests.ControlChannel.Names;
using FwRedirect.Tests.Redirector.Packets;
using FwRedirect.Tests.Redirector.Service;

namespace FwRedirect.Tests.Redirector.Journeys;

/// <summary>What rules and settings say reaches the packets, and the firewall is not asked for it.</summary>
[TestClass]
public sealed class RuleJourneyTests
{
    private static readonly ProcessInfo Curl = new(200, "curl", "/usr/bin/curl", "alice", 1000);

    [TestMethod]
    public async Task ADisabledProgramGoesItsOwnWayAndOthersDoNot()
    {
        await using var service = await StartAsync(SettingKey.Disable, "1");
        await service.Diverter.TakeAsync(RunningService.Syn());
        var (packet, _) = await service.Diverter.SentAsync();
        CollectionAssert.AreEqual(RunningService.Syn(), packet);
        service.Machine.Owners[1600] = Curl;
        await service.Diverter.TakeAsync(RunningService.Syn(port: 1600));
        Assert.AreEqual("curl", (await service.Firewall.NextAsync<ConnectRequest>()).Channel.Identity.Application);
    }

    [TestMethod]
    [DataRow(RedirectionAction.Local)]
    [DataRow(RedirectionAction.Block)]
    public async Task RulesDecideOnDatagramsToo(object action)
    {
        Assert.IsTrue(PortList.TryParse("69", out var tftp));
        await using var service = await RunningService.StartAsync(change: options => options with
        {
            Rules = [new RedirectionRule("no tftp", (RedirectionAction)action, [], [], [], [], tftp, [IpProtocol.Udp], "file")],
        });
        var datagram = Raw.Udp(RunningService.Client, Raw.At("131.107.0.21:69"), [1]);
        await service.Diverter.TakeAsync(datagram);
        var (packet, _) = await service.Diverter.SentAsync();
        if ((RedirectionAction)action == RedirectionAction.Local)
            CollectionAssert.AreEqual(datagram, packet);
        else
            Assert.AreEqual((IpProtocol.Icmp, 3, 13), (new PacketView(packet).Protocol, packet[20], packet[21]));
        await service.Diverter.TakeAsync(Raw.Udp(RunningService.Client, Raw.At("131.107.0.21:70"), [1]));
        await service.Firewall.NextAsync<BindRequest>();
    }

    [TestMethod]
    public async Task ABlockedProgramIsToldThatThePolicyForbidsIt()
    {
        await using var service = await RunningService.StartAsync(change: options => options with
        {
            Rules = [new RedirectionRule("no ftp", RedirectionAction.Block, [new ApplicationName("ftp")], [], [], [], PortList.Empty, [], "file")],
        });
        await service.Diverter.TakeAsync(RunningService.Syn());
        Assert.AreEqual(service.Diverter.LastId, await service.Diverter.DroppedAsync());
        var (packet, _) = await service.Diverter.SentAsync();
        var answer = new PacketView(packet);
        Assert.AreEqual((IpProtocol.Icmp, RunningService.Client.Address), (answer.Protocol, answer.Destination.Address));
        // Destination unreachable, communication administratively prohibited (RFC 1812, 5.2.7.1).
        Assert.AreEqual((3, 13), (packet[20], packet[21]));
        // Its repetition is answered without another decision.
        Assert.AreEqual(PacketVerdict.Drop, (await service.Diverter.TakeAsync(RunningService.Syn())).Verdict);
        CollectionAssert.AreEqual(packet, (await service.Diverter.SentAsync()).Packet);
    }

    [TestMethod]
    public async Task ADisabledProgramsQuestionsGoWhereItSentThem()
    {
        await using var service = await StartAsync(SettingKey.Disable, "1");
        var question = Question("www.contoso.com");
        Assert.AreEqual(PacketVerdict.Drop, (await service.Diverter.TakeAsync(question)).Verdict);
        var (packet, direction) = await service.Diverter.SentAsync();
        CollectionAssert.AreEqual(question, packet);
        Assert.AreEqual(PacketDirection.Outbound, direction.Direction);
    }

    [TestMethod]
    public async Task ANameWithoutADotGoesToTheFirewallForWhoWantsItSo()
    {
        await using var service = await StartAsync(SettingKey.NameResolution, "R");
        await service.Diverter.TakeAsync(Question("printer"));
        Assert.AreEqual("printer", (await service.Firewall.NextAsync<GetHostByName>()).Message.Name);
        service.Machine.Owners[40_001] = Curl;
        await service.Diverter.TakeAsync(Question("printer", 40_001));
        CollectionAssert.AreEqual(Question("printer", 40_001), (await service.Diverter.SentAsync()).Packet);
    }

    private static Task<RunningService> StartAsync(SettingKey key, string value) => RunningService.StartAsync(change: options => options with
    {
        Applications = new ApplicationSettings([new Setting(new ApplicationName("ftp"), key, SettingTable.Parse(key, value)!, "file")]),
    });

    private static byte[] Question(string name, ushort port = 40_000) =>
        Raw.Udp(Raw.At($"192.168.0.2:{port}"), Raw.At("131.107.0.2:53"), Queries.Make(name, 1));
}
