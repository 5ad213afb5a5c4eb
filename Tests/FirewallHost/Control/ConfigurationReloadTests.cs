using System.Net;
using FwRedirect.ControlChannel.Messages;
using FwRedirect.ControlChannel.Settings;
using FwRedirect.FirewallHost.Configuration;
using FwRedirect.FirewallHost.Control;
using FwRedirect.Tests.Support;

namespace FwRedirect.Tests.FirewallHost.Control;

[TestClass]
public sealed class ConfigurationReloadTests
{
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(20);

    [TestMethod]
    public async Task ASubscriberHearsWhatChangesAndNothingElse()
    {
        await using var firewall = await LoopbackFirewall.StartAsync();
        var id = firewall.Client.Ids.Next();
        var first = (SettingsReply)await firewall.Client.RequestAsync(new GetSettings { Id = id });
        Assert.IsEmpty(first.Content.Entries);
        var options = firewall.Firewall.Options;
        Assert.IsNull(firewall.Firewall.Replace(options).Told);
        var change = firewall.Firewall.Replace(options with { Applications = Disabled("ftp"), LocalDomains = ["corp.example"] });
        Assert.AreEqual(1, change.Told);
        Assert.IsTrue(firewall.Settings.TryTake(out var pushed, Bound));
        Assert.AreEqual(new SettingEntry("ftp", "Disable", "1"), pushed.Entries.Single());
        Assert.AreEqual("corp.example", pushed.LocalDomains.Single());
        Assert.AreEqual(firewall.Firewall.Settings.Version, pushed.Version);
        Assert.AreNotEqual(first.Content.Version, pushed.Version);

        firewall.Client.Notify(new Close("", IsFromFirewall: false) { Id = id });
        // Messages are taken in their order: when this is answered, the Close was taken.
        await firewall.Client.RequestAsync(new GetHostByName("x.corp.example") { Id = firewall.Client.Ids.Next() });
        Assert.AreEqual(0, firewall.Firewall.Replace(options).Told);
    }

    [TestMethod]
    public async Task ChangedRulesCountForNewConnections()
    {
        await using var firewall = await LoopbackFirewall.StartAsync();
        var options = firewall.Firewall.Options;
        var destination = IPEndPoint.Parse("203.0.113.1:80");
        Assert.IsTrue(firewall.Firewall.Policy.Connect("", "ftp", destination, null).Allowed);
        firewall.Firewall.Replace(options with { Rules = [new AccessRule("no", RuleAction.Deny, [], [], [], [], [])] });
        Assert.AreEqual("denied by the rule 'no'", firewall.Firewall.Policy.Connect("", "ftp", destination, null).Sentence);
        firewall.Firewall.Replace(options with { LocalAddresses = [IPNetwork.Parse("203.0.113.0/24")] });
        Assert.AreEqual("denied by the rule 'Local destinations'", firewall.Firewall.Policy.Connect("", "ftp", destination, null).Sentence);
        firewall.Firewall.Replace(options);
        Assert.IsTrue(firewall.Firewall.Policy.Connect("", "ftp", destination, null).Allowed);
    }

    [TestMethod]
    public async Task TheFileIsReadAgainWhenItChangesAndAWrongOneChangesNothing()
    {
        await using var firewall = await LoopbackFirewall.StartAsync();
        var folder = Directory.CreateTempSubdirectory("fwhost-").FullName;
        var file = Path.Combine(folder, "fwhost.json");
        try
        {
            Write(file, """ "LocalDomains": ["corp.example"] """);
            firewall.Firewall.Replace(FirewallOptionsReader.Read(file, []));
            var log = new LogLines();
            using var reload = new ConfigurationReload(firewall.Firewall, file, () => FirewallOptionsReader.Read(file, []), TimeProvider.System, log);

            Write(file, """ "LocalDomains": ["lan.example"], "ControlPort": 1746 """);
            Assert.Contains("ControlPort has changed and counts only after a restart", log.Next());
            Assert.Contains("LocalDomains are in force", log.Next());
            Assert.Contains($"version {firewall.Firewall.Settings.Version}; 0 clients", log.Next());
            Assert.AreEqual(("lan.example", 1745), (firewall.Firewall.Options.LocalDomains.Single(), firewall.Firewall.Options.ControlPort));

            Write(file, """ "LocalDomains": ["x.example"], "Applications": { "ftp": { "Disabel": 1 } } """);
            Assert.Contains("Applications:ftp:Disabel: is no application setting; did you mean Disable?", log.Next());
            Assert.AreEqual("lan.example", firewall.Firewall.Options.LocalDomains.Single());
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static ApplicationSettings Disabled(string application) =>
        new([new Setting(new ApplicationName(application), SettingKey.Disable, new SettingValue.Flag(true), "fwhost.json")]);

    /// <summary>As an editor does it: a new file takes the place of the old one.</summary>
    private static void Write(string file, string keys)
    {
        File.WriteAllText($"{file}.new", $$"""{ "InternalAddresses": ["127.42.0.1"], "ExternalAddress": "127.42.0.2", {{keys}} }""");
        File.Move($"{file}.new", file, overwrite: true);
    }
}
