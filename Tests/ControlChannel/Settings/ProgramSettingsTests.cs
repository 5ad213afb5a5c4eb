using System.Net;
using FwRedirect.ControlChannel.Settings;

namespace FwRedirect.Tests.ControlChannel.Settings;

[TestClass]
public sealed class ProgramSettingsTests
{
    [TestMethod]
    [DataRow("ftp", "/usr/bin/ftp", true)]
    [DataRow("ftp.exe", @"C:\Windows\ftp.exe", true)]
    [DataRow("tftp", "/usr/bin/tftp", false)]
    public void AnExecutableIsNamedWithOrWithoutItsExtension(string name, string path, bool disabled)
    {
        foreach (var written in new[] { "ftp", "ftp.exe", "ftp.EXE" })
            Assert.AreEqual(disabled, For(name, path, Source("file", (written, SettingKey.Disable, "1"))).Find(SettingKey.Disable) is { IsSet: true }, written);
    }

    [TestMethod]
    public void NamesAreComparedAsTheSystemDoes() => Assert.AreEqual(
        OperatingSystem.IsWindows(), For("ftp", null, Source("file", ("FTP", SettingKey.Disable, "1"))).Find(SettingKey.Disable) is not null);

    [TestMethod]
    public void APathCountsBeforeANameAndANameBeforeAllPrograms()
    {
        var source = Source("file", ("*", SettingKey.NameResolution, "R"), ("ftp", SettingKey.NameResolution, "L"), ("/opt/ftp", SettingKey.NameResolution, "R"));
        Assert.AreEqual('R', For("curl", "/usr/bin/curl", source).NameResolution);
        Assert.AreEqual('L', For("ftp", "/usr/bin/ftp", source).NameResolution);
        Assert.AreEqual('R', For("ftp", "/opt/ftp", source).NameResolution);
        Assert.AreEqual('L', For("ftp", null, source).NameResolution);
    }

    [TestMethod]
    public void TheFirstSourceThatSpeaksOfAKeyWins()
    {
        var own = Source("file", ("*", SettingKey.Disable, "0"));
        var theirs = Source("firewall", ("ftp", SettingKey.Disable, "1"), ("Common", SettingKey.Persistent, "1"));
        Assert.IsFalse(For("ftp", null, own, theirs).Find(SettingKey.Disable)!.IsSet);
        Assert.IsTrue(For("ftp", null, theirs, own).Find(SettingKey.Disable)!.IsSet);
        Assert.IsTrue(For("ftp", null, own, theirs).Persistent);
        Assert.AreEqual("Persistent=1 of *, firewall", For("ftp", null, own, theirs).Find(SettingKey.Persistent)!.ToString());
    }

    [TestMethod]
    public void ABoundPortBelongsWhereItsListSays()
    {
        var settings = For("icq", null, Source("file",
            ("icq", SettingKey.RemoteBindTcpPorts, "0"), ("icq", SettingKey.ServerBindTcpPorts, "25,1025-5000"), ("icq", SettingKey.LocalBindTcpPorts, "7070"),
            ("icq", SettingKey.LocalBindUdpPorts, "0")));
        Assert.AreEqual(BindPlacement.Server, settings.BindTcp(25, isDynamic: false));
        Assert.AreEqual(BindPlacement.Server, settings.BindTcp(4000, isDynamic: true));
        Assert.AreEqual(BindPlacement.Local, settings.BindTcp(7070, isDynamic: false));
        Assert.AreEqual(BindPlacement.Remote, settings.BindTcp(50000, isDynamic: true));
        Assert.AreEqual(BindPlacement.Unsaid, settings.BindTcp(80, isDynamic: false));
        Assert.AreEqual(BindPlacement.Local, settings.BindUdp(40000, isDynamic: true));
        Assert.AreEqual(BindPlacement.Unsaid, settings.BindUdp(25, isDynamic: false));
    }

    [TestMethod]
    public void OfTwoListsOfTwoSourcesTheWinnersCounts()
    {
        var own = Source("file", ("smtpd", SettingKey.LocalBindTcpPorts, "25"));
        var theirs = Source("firewall", ("smtpd", SettingKey.ServerBindTcpPorts, "25"));
        Assert.AreEqual(BindPlacement.Local, For("smtpd", null, own, theirs).BindTcp(25, isDynamic: false));
        Assert.AreEqual(BindPlacement.Server, For("smtpd", null, theirs, own).BindTcp(25, isDynamic: false));
    }

    [TestMethod]
    public void OutboundPortsMayBeKept()
    {
        var settings = For("anything", null, Source("file", ("*", SettingKey.DontRemoteOutboundTcpPorts, "3127-3198"), ("*", SettingKey.DontRemoteOutboundUdpPorts, "1900")));
        Assert.AreEqual("DontRemoteOutboundTcpPorts=3127-3198 of *, file", settings.KeepsTcp(3130)!.ToString());
        Assert.IsNull(settings.KeepsTcp(1900));
        Assert.IsNotNull(settings.KeepsUdp(1900));
    }

    [TestMethod]
    public void APortMayHaveAnOutsideAddressOfItsOwn()
    {
        var settings = For("smtpd", null, Source("file", ("smtpd", SettingKey.ProxyBindIp, "25:131.107.0.20, 80:131.107.0.22")));
        Assert.AreEqual(IPAddress.Parse("131.107.0.20"), settings.ProxyBindAddress(25));
        Assert.IsNull(settings.ProxyBindAddress(443));
        Assert.AreEqual("ProxyBindIp=25:131.107.0.20,80:131.107.0.22 of smtpd, file", settings.Find(SettingKey.ProxyBindIp)!.ToString());
    }

    private static ProgramSettings For(string name, string? path, params ApplicationSettings[] sources) => new(sources, name, path);

    private static ApplicationSettings Source(string source, params (string Application, SettingKey Key, string Text)[] settings) =>
        new([.. settings.Select(s => new Setting(new ApplicationName(s.Application), s.Key, SettingTable.Parse(s.Key, s.Text)!, source))]);
}
