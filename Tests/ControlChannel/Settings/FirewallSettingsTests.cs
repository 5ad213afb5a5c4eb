using System.Net;
using FwRedirect.ControlChannel.Messages;
using FwRedirect.ControlChannel.Settings;
using FwRedirect.ControlChannel.Wire;

namespace FwRedirect.Tests.ControlChannel.Settings;

[TestClass]
public sealed class FirewallSettingsTests
{
    [TestMethod]
    public void WhatIsSentIsWhatIsReceived()
    {
        var sent = new FirewallSettings(false, [IPNetwork.Parse("10.0.0.0/8")], ["corp.example"], Applications(("ftp.exe", SettingKey.RemoteBindTcpPorts, "20, 0"), ("*", SettingKey.Disable, "true")));
        var content = ((SettingsReply)RwsPacket.Read(RwsPacket.ToArray(new SettingsReply(sent.ToContent())))).Content;
        var leftOut = new List<string>();
        var received = FirewallSettings.From(content, "the firewall FW", leftOut);
        Assert.IsEmpty(leftOut);
        Assert.AreEqual((false, 16, "corp.example", "10.0.0.0/8"), (received.ClientEntriesWin, received.Version.Length, received.LocalDomains.Single(), received.LocalAddresses.Single().ToString()));
        CollectionAssert.AreEqual(
            new[] { "RemoteBindTcpPorts=0,20 of ftp.exe, the firewall FW", "Disable=1 of *, the firewall FW" }, received.Applications.All.Select(s => s.ToString()).ToArray());
    }

    [TestMethod]
    public void TheVersionIsThatOfTheContent()
    {
        var settings = new FirewallSettings(true, [], ["corp.example"], Applications(("ftp", SettingKey.Disable, "1")));
        Assert.AreEqual(settings.ToContent().Version, (settings with { Applications = Applications(("ftp", SettingKey.Disable, "true")) }).ToContent().Version);
        Assert.AreNotEqual(settings.ToContent().Version, (settings with { ClientEntriesWin = false }).ToContent().Version);
        Assert.AreNotEqual(settings.ToContent().Version, (settings with { Applications = Applications(("ftp", SettingKey.Disable, "0")) }).ToContent().Version);
    }

    [TestMethod]
    public void WhatANewerFirewallKnowsIsLeftOutAndNamed()
    {
        var leftOut = new List<string>();
        var content = new SettingsContent("1", true, [], ["corp.example", "not a domain"], [new("ftp", "Teleport", "1"), new("ftp", "Disable", "perhaps"), new("ftp", "Persistent", "1")]);
        var settings = FirewallSettings.From(content, "the firewall FW", leftOut);
        Assert.AreEqual("Persistent=1 of ftp, the firewall FW", settings.Applications.All.Single().ToString());
        Assert.HasCount(3, leftOut);
        Assert.Contains("Teleport of ftp is no setting", leftOut[0]);
        Assert.Contains("Disable=perhaps of ftp is not 0 or 1", leftOut[1]);
    }

    [TestMethod]
    public void WhatDoesNotFitAPacketIsNamedBeforeItIsSent()
    {
        var few = Enumerable.Range(0, 200).Select(i => ($"program{i}", SettingKey.Disable, "1")).ToArray();
        Assert.IsNull(new FirewallSettings(true, [], [], Applications(few)).Complaint());
        var many = Enumerable.Range(0, 4000).Select(i => ($"program{i}", SettingKey.Disable, "1")).ToArray();
        Assert.Contains("65536", new FirewallSettings(true, [], [], Applications(many)).Complaint()!);
        var networks = Enumerable.Range(0, 1025).Select(i => IPNetwork.Parse($"10.{i / 256}.{i % 256}.0/24")).ToArray();
        Assert.Contains("AddressCount", new FirewallSettings(true, networks, [], ApplicationSettings.None).Complaint()!);
    }

    [TestMethod]
    [DataRow(5, "PrefixLength")]
    [DataRow(3, "Address")]
    public void ANetworkThatIsNoneIsRefused(int spoilt, string field)
    {
        var packet = RwsPacket.ToArray(new SettingsReply(new SettingsContent("1", true, [IPNetwork.Parse("10.0.0.0/8")], [], [])));
        // Behind the header: Version 3 bytes, Flags 2, AddressCount 2, then family, four bytes, prefix.
        packet[36 + 7 + spoilt] = 77;
        Assert.Contains(field, Assert.ThrowsExactly<RwsFormatException>(() => RwsPacket.Read(packet)).Message);
    }

    private static ApplicationSettings Applications(params (string Application, SettingKey Key, string Text)[] settings) =>
        new([.. settings.Select(s => new Setting(new ApplicationName(s.Application), s.Key, SettingTable.Parse(s.Key, s.Text)!, "fwhost.json"))]);
}
