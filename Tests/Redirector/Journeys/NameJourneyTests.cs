using System.Buffers.Binary;
using System.Net;
using FwRedirect.ControlChannel.Messages;
using FwRedirect.ControlChannel.Wire;
using FwRedirect.Redirector.Configuration;
using FwRedirect.Redirector.Diversion;
using FwRedirect.Redirector.Packets;
using FwRedirect.Redirector.Processes;
using FwRedirect.Tests.Redirector.Names;
using FwRedirect.Tests.Redirector.Packets;
using FwRedirect.Tests.Redirector.Service;

namespace FwRedirect.Tests.Redirector.Journeys;

[TestClass]
public sealed class NameJourneyTests
{
    private const ushort A = 1;
    private const ushort Aaaa = 28;
    private static readonly PacketEndpoint Server = Raw.At("192.168.0.53:53");

    [TestMethod]
    public async Task BothQuestionsOfANameMakeOneRequestAndTwoAnswers()
    {
        await using var service = await RunningService.StartAsync();
        Assert.AreEqual(PacketVerdict.Drop, await AskAsync(service, "ftp.contoso.com", A));
        var (channel, request) = await service.Firewall.NextAsync<GetHostByName>();
        Assert.AreEqual("ftp.contoso.com", request.Name);
        Assert.AreEqual(PacketVerdict.Drop, await AskAsync(service, "ftp.contoso.com", Aaaa, 40_001));
        channel.Send(new HostEntry(request.Name, request.Name, [], [IPAddress.Parse("131.107.0.21")], TimeSpan.FromMinutes(1)) { Id = request.Id });
        var answers = new[] { await AnswerAsync(service), await AnswerAsync(service) }.OrderBy(a => a.Port).ToArray();
        Assert.AreEqual((40_000, 0, 1), answers[0]);
        Assert.AreEqual((40_001, 0, 0), answers[1]);

        await AskAsync(service, "www.contoso.com", A);
        Assert.AreEqual("www.contoso.com", (await service.Firewall.NextAsync<GetHostByName>()).Message.Name);
    }

    [TestMethod]
    [DataRow(WinsockError.WSAHOST_NOT_FOUND, 3)]
    [DataRow(WinsockError.WSANO_DATA, 0)]
    [DataRow(WinsockError.WSAEACCES, 5)]
    [DataRow(WinsockError.WSATRY_AGAIN, 2)]
    public async Task AFailureIsAnsweredAsDnsSaysIt(WinsockError error, int responseCode)
    {
        await using var service = await RunningService.StartAsync();
        await AskAsync(service, "nobody.contoso.com", A);
        var (channel, request) = await service.Firewall.NextAsync<GetHostByName>();
        channel.Send(new ErrorReply(OpCode.GetHostByName, error, "no") { Id = request.Id });
        Assert.AreEqual((40_000, responseCode, 0), await AnswerAsync(service));
    }

    [TestMethod]
    public async Task LocalNamesPass()
    {
        await using var service = await RunningService.StartAsync();
        Assert.AreEqual(PacketVerdict.Pass, await AskAsync(service, "printer", A));
        Assert.AreEqual(PacketVerdict.Pass, await AskAsync(service, "mail.corp.example", A));
        Assert.AreEqual(PacketVerdict.Drop, await AskAsync(service, "notcorp.example", A));
        Assert.AreEqual("notcorp.example", (await service.Firewall.NextAsync<GetHostByName>()).Message.Name);
    }

    [TestMethod]
    public async Task EachProgramAsksForItself()
    {
        await using var service = await RunningService.StartAsync();
        service.Machine.Owners[40_001] = new ProcessInfo(200, "curl", null, "alice", 1000);
        await AskAsync(service, "ftp.contoso.com", A);
        var (ftp, _) = await service.Firewall.NextAsync<GetHostByName>();
        await AskAsync(service, "ftp.contoso.com", A, 40_001);
        var (curl, _) = await service.Firewall.NextAsync<GetHostByName>();
        Assert.AreEqual(("ftp", "curl"), (ftp.Identity.Application, curl.Identity.Application));
    }

    /// <summary>Windows' resolver asks the servers of all its interfaces at once.</summary>
    [TestMethod]
    public async Task EachCopyOfAQueryIsAnsweredOnItsOwnInterfaceByTheServerThatItAsked()
    {
        await using var service = await RunningService.StartAsync();
        (string Client, string Server, uint Interface, ushort Id)[] copies =
        [
            ("192.168.0.2:40000", "192.168.0.53:53", 7, 0x1111), ("10.8.0.2:40000", "10.8.0.1:53", 12, 0x1111),
            ("10.8.0.2:40001", "10.8.0.1:53", 12, 0x2222), ("10.8.0.2:40001", "10.8.0.9:53", 12, 0x2222),
        ];
        foreach (var (client, server, onInterface, id) in copies)
        {
            var query = Queries.Make("ftp.contoso.com", A);
            BinaryPrimitives.WriteUInt16BigEndian(query, id);
            Assert.AreEqual(PacketVerdict.Drop, (await service.Diverter.TakeAsync(Raw.Udp(Raw.At(client), Raw.At(server), query), onInterface: onInterface)).Verdict);
        }

        var (channel, request) = await service.Firewall.NextAsync<GetHostByName>();
        channel.Send(new HostEntry(request.Name, request.Name, [], [IPAddress.Parse("131.107.0.21")], TimeSpan.FromMinutes(1)) { Id = request.Id });
        var answers = new List<(string, string, uint, ushort)>();
        foreach (var _ in copies)
        {
            var (packet, address) = await service.Diverter.SentAsync();
            Assert.AreEqual((0ul, 3u, PacketDirection.Inbound), (address.Id, address.SubInterfaceIndex, address.Direction));
            var view = new PacketView(packet);
            answers.Add((view.Destination.ToString(), view.Source.ToString(), address.InterfaceIndex, BinaryPrimitives.ReadUInt16BigEndian(view.PayloadBytes)));
        }

        CollectionAssert.AreEquivalent(copies, answers);
        await AskAsync(service, "www.contoso.com", A);
        Assert.AreEqual("www.contoso.com", (await service.Firewall.NextAsync<GetHostByName>()).Message.Name);
    }

    /// <summary>Whoever asks for the firewall asks on behalf of a channel that is not there yet. Its "name" is an address here: no test needs a resolver.</summary>
    [TestMethod]
    public async Task TheFirewallsOwnNamePasses()
    {
        await using var service = await RunningService.StartAsync();
        Assert.AreEqual(PacketVerdict.Pass, await AskAsync(service, "127.0.0.1", A));
        Assert.AreEqual(PacketVerdict.Drop, await AskAsync(service, "127.0.0.2", A));
    }

    [TestMethod]
    public async Task AQueryThatGoesDirectLeavesByItsOwnInterface()
    {
        await using var service = await RunningService.StartAsync(UnreachableTreatment.Direct);
        await service.Firewall.DisposeAsync();
        await AskAsync(service, "ftp.contoso.com", A);
        var (_, address) = await service.Diverter.SentAsync();
        Assert.AreEqual((7u, 3u, PacketDirection.Outbound), (address.InterfaceIndex, address.SubInterfaceIndex, address.Direction));
    }

    private static async Task<PacketVerdict> AskAsync(RunningService service, string name, ushort type, ushort port = 40_000) =>
        (await service.Diverter.TakeAsync(Raw.Udp(Raw.At($"192.168.0.2:{port}"), Server, Queries.Make(name, type)))).Verdict;

    /// <summary>Of the next packet that is sent: the port it goes to, response code and number of answers.</summary>
    private static async Task<(int Port, int Code, int Answers)> AnswerAsync(RunningService service)
    {
        var (packet, address) = await service.Diverter.SentAsync();
        var view = new PacketView(packet);
        Assert.AreEqual(Server, view.Source);
        Assert.AreEqual(PacketDirection.Inbound, address.Direction);
        var message = view.PayloadBytes;
        return (view.Destination.Port, message[3] & 15, message[7]);
    }
}
