using System.Net;
using FwRedirect.ControlChannel.Messages;
using FwRedirect.ControlChannel.Settings;
using FwRedirect.Redirector.Configuration;
using FwRedirect.Redirector.Diversion;

namespace FwRedirect.Tests.Redirector.Service;

/// <summary>What a scripted firewall sets for its clients is in force for what begins later.</summary>
[TestClass]
public sealed class PushedSettingsTests
{
    private static readonly SettingsContent Nothing = new("1", true, [], [], []);

    [TestMethod]
    public async Task SettingsAreThereBeforeTheFirstPacketAndChangeWithoutARestart()
    {
        await using var service = await StartAsync(Nothing with { Entries = [new("ftp", "Disable", "1")] });
        await service.Diverter.TakeAsync(RunningService.Syn());
        CollectionAssert.AreEqual(RunningService.Syn(), (await service.Diverter.SentAsync()).Packet);

        Push(service, Nothing with { Version = "2" });
        await service.Diverter.TakeAsync(RunningService.Syn(port: 1600));
        Assert.AreEqual(1600, (await service.Firewall.NextAsync<ConnectRequest>()).Message.Source.Port);
    }

    [TestMethod]
    public async Task LocalAddressesOfTheFirewallPass()
    {
        await using var service = await StartAsync(Nothing with { LocalAddresses = [IPNetwork.Parse("131.107.0.0/16")] });
        Assert.AreEqual(PacketVerdict.Pass, (await service.Diverter.TakeAsync(RunningService.Syn())).Verdict);
        Push(service, Nothing with { Version = "2" });
        Assert.AreEqual(PacketVerdict.Hold, (await service.Diverter.TakeAsync(RunningService.Syn())).Verdict);
        await service.Firewall.NextAsync<ConnectRequest>();
    }

    [TestMethod]
    [DataRow(true, true, DisplayName = "the client's entry wins")]
    [DataRow(false, false, DisplayName = "the firewall's entry wins")]
    public async Task TheFirewallSaysWhoseEntryWins(bool clientWins, bool disabled)
    {
        var own = new ApplicationSettings([new Setting(new ApplicationName("ftp"), SettingKey.Disable, new SettingValue.Flag(true), "file")]);
        await using var service = await StartAsync(
            Nothing with { ClientEntriesWin = clientWins, Entries = [new("ftp", "Disable", "0")] }, options => options with { Applications = own });
        await service.Diverter.TakeAsync(RunningService.Syn());
        if (disabled)
            CollectionAssert.AreEqual(RunningService.Syn(), (await service.Diverter.SentAsync()).Packet);
        else
            await service.Firewall.NextAsync<ConnectRequest>();
    }

    [TestMethod]
    public async Task AFirewallThatKnowsNoSettingsIsNotAsked()
    {
        await using var service = await RunningService.StartAsync();
        await service.Diverter.TakeAsync(RunningService.Syn());
        await service.Firewall.NextAsync<ConnectRequest>();
    }

    [TestMethod]
    public async Task WhenItsChannelIsLostTheNextProgramsServesAndWhatWasHeardStays()
    {
        await using var service = await StartAsync(Nothing with { Entries = [new("curl", "Disable", "1")] });
        service.Firewall.Subscriber!.Value.Channel.Abort("a test");
        service.Firewall.Subscriber = null;
        await service.Diverter.TakeAsync(RunningService.Syn());
        await service.Firewall.NextAsync<ConnectRequest>();
        var subscriber = await service.Firewall.SubscribedAsync();
        Assert.IsNotNull(subscriber.Channel);
        service.Machine.Owners[1601] = new(200, "curl", null, "alice", 1000);
        await service.Diverter.TakeAsync(RunningService.Syn(port: 1601));
        CollectionAssert.AreEqual(RunningService.Syn(port: 1601), (await service.Diverter.SentAsync()).Packet);
    }

    private static Task<RunningService> StartAsync(SettingsContent settings, Func<RedirectorOptions, RedirectorOptions>? change = null) =>
        RunningService.StartAsync(change: change, settings: settings);

    /// <summary>Returns when the client has put it in force.</summary>
    private static void Push(RunningService service, SettingsContent settings)
    {
        var (channel, id) = service.Firewall.Subscriber!.Value;
        service.Firewall.Settings = settings;
        channel.Send(new SettingsChanged(settings) { Id = id });
        service.Log.Next($"settings {settings.Version} of the firewall");
    }
}
