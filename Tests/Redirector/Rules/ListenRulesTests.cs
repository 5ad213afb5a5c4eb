using System.Net;
using FwRedirect.ControlChannel.Settings;
using FwRedirect.Redirector.Rules;

namespace FwRedirect.Tests.Redirector.Rules;

[TestClass]
public sealed class ListenRulesTests
{
    [TestMethod]
    public void WithoutAWordAListenerIsBoundWhereTheProgramHasAFlow()
    {
        Assert.IsNull(ListenRules.DecideTcp(ProgramSettings.None, 1234, isDynamic: false, hasFlow: false));
        var decision = ListenRules.DecideTcp(ProgramSettings.None, 1234, isDynamic: false, hasFlow: true)!;
        Assert.AreEqual((null, 0, false, false), (decision.Address, decision.Port, decision.IsPublished, decision.IsPersistent));
    }

    [TestMethod]
    [DataRow("ServerBindTcpPorts")]
    [DataRow("RemoteBindTcpPorts")]
    public void APortThatASettingNamesIsPublishedAsItIs(string name)
    {
        var key = SettingTable.Find(name)!.Value;
        var decision = ListenRules.DecideTcp(Settings((key, "25,8000-8010")), 8005, isDynamic: false, hasFlow: false)!;
        Assert.AreEqual((8005, true), (decision.Port, decision.IsPublished));
        Assert.AreEqual($"{key}=25,8000-8010 of httpd, test", decision.Why);
        Assert.IsNull(ListenRules.DecideTcp(Settings((key, "25")), 26, isDynamic: true, hasFlow: false));
    }

    [TestMethod]
    public void Port0StandsForThoseThatTheSystemChoseAndAnyWillDoOutside()
    {
        var decision = ListenRules.DecideTcp(Settings((SettingKey.RemoteBindTcpPorts, "0")), 40_000, isDynamic: true, hasFlow: false)!;
        Assert.AreEqual((0, true), (decision.Port, decision.IsPublished));
        Assert.IsNull(ListenRules.DecideTcp(Settings((SettingKey.RemoteBindTcpPorts, "0")), 4_000, isDynamic: false, hasFlow: false));
    }

    [TestMethod]
    public void LocalBindAndDisableKeepItHere()
    {
        Assert.IsNull(ListenRules.DecideTcp(Settings((SettingKey.LocalBindTcpPorts, "80")), 80, isDynamic: false, hasFlow: true));
        Assert.IsNull(ListenRules.DecideTcp(Settings((SettingKey.Disable, "1"), (SettingKey.ServerBindTcpPorts, "80")), 80, isDynamic: false, hasFlow: true));
    }

    [TestMethod]
    public void ProxyBindIpAndPersistentGoWithIt()
    {
        var decision = ListenRules.DecideTcp(
            Settings((SettingKey.ServerBindTcpPorts, "25"), (SettingKey.ProxyBindIp, "25:131.107.0.20"), (SettingKey.Persistent, "1")), 25, isDynamic: false, hasFlow: false)!;
        Assert.AreEqual((IPAddress.Parse("131.107.0.20"), 25, true), (decision.Address, decision.Port, decision.IsPersistent));
    }

    [TestMethod]
    [DataRow("ServerBindUdpPorts", true)]
    [DataRow("RemoteBindUdpPorts", false)]
    public void AUdpPortThatASettingNamesIsBoundAndIsAServersWhereItSaysSo(string name, bool isServer)
    {
        var key = SettingTable.Find(name)!.Value;
        var decision = ListenRules.DecideUdp(Settings((key, "0,5060"), (SettingKey.ProxyBindIp, "5060:131.107.0.20")), 5060, isDynamic: false)!;
        Assert.AreEqual((IPAddress.Parse("131.107.0.20"), 5060, true, isServer), (decision.Address, decision.Port, decision.IsPublished, decision.TakesStrangers));
        Assert.AreEqual($"{key}=0,5060 of httpd, test", decision.Why);
        Assert.IsNotNull(ListenRules.DecideUdp(Settings((key, "0")), 40_000, isDynamic: true));
        Assert.IsNull(ListenRules.DecideUdp(Settings((key, "0")), 4_000, isDynamic: false));
        Assert.IsNull(ListenRules.DecideUdp(Settings((key, "5060"), (SettingKey.Disable, "1")), 5060, isDynamic: false));
    }

    [TestMethod]
    public void AUdpPortOfWhichNothingIsSaidOrThatIsLocalWaitsForItsFirstDatagram()
    {
        Assert.IsNull(ListenRules.DecideUdp(ProgramSettings.None, 5060, isDynamic: false));
        Assert.IsNull(ListenRules.DecideUdp(Settings((SettingKey.LocalBindUdpPorts, "5060"), (SettingKey.ServerBindUdpPorts, "0")), 5060, isDynamic: true));
        Assert.IsNull(ListenRules.DecideUdp(Settings((SettingKey.ServerBindTcpPorts, "5060")), 5060, isDynamic: false));
    }

    private static ProgramSettings Settings(params (SettingKey Key, string Value)[] settings) => new(
        [new ApplicationSettings([.. settings.Select(s => new Setting(new ApplicationName("httpd"), s.Key, SettingTable.Parse(s.Key, s.Value)!, "test"))])], "httpd", null);
}
