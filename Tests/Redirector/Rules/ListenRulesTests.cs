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

    private static ProgramSettings Settings(params (SettingKey Key, string Value)[] settings) => new(
        [new ApplicationSettings([.. settings.Select(s => new Setting(new ApplicationName("httpd"), s.Key, SettingTable.Parse(s.Key, s.Value)!, "test"))])], "httpd", null);
}
