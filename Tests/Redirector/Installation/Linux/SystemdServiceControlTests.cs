using System.Runtime.Versioning;
using FwRedirect.Redirector.Installation;
using FwRedirect.Redirector.Installation.Linux;

namespace FwRedirect.Tests.Redirector.Installation.Linux;

[TestClass]
[SupportedOSPlatform("linux")]
public sealed class SystemdServiceControlTests
{
    private const string Running = """
        MainPID=812
        Result=success
        ExecMainCode=0
        ExecMainStatus=0
        LoadState=loaded
        ActiveState=active
        SubState=running
        UnitFileState=enabled
        ActiveEnterTimestamp=@1795464000
        """;

    private readonly string _folder = Directory.CreateTempSubdirectory("fwredirect-").FullName;
    private readonly List<string> _asked = [];

    private string Unit => Path.Combine(_folder, SystemdUnit.Name);

    [TestCleanup]
    public void Remove() => Directory.Delete(_folder, recursive: true);

    [TestMethod]
    public void ARunningOneIsDescribed()
    {
        File.WriteAllText(Unit, SystemdUnit.Text(new ServiceDefinition("/opt/fwredirect", "/etc/fw redirect.json", [])));
        var report = Control(Running).Read();
        Assert.AreEqual(
            new ServiceReport(ServiceState.Running)
            {
                ProcessId = 812,
                Since = DateTimeOffset.FromUnixTimeSeconds(1795464000),
                StartType = "with the machine (enabled)",
                ConfigurationFile = "/etc/fw redirect.json",
                Log = "journalctl -u fwredirect",
            },
            report);
    }

    [TestMethod]
    [DataRow("LoadState=not-found\nActiveState=inactive", ServiceState.NotInstalled, null)]
    [DataRow("LoadState=loaded\nActiveState=inactive", ServiceState.Stopped, null)]
    [DataRow("LoadState=loaded\nActiveState=inactive\nJob=77", ServiceState.Starting, null)]
    [DataRow("LoadState=loaded\nActiveState=activating\nSubState=start", ServiceState.Starting, null)]
    [DataRow("LoadState=loaded\nActiveState=deactivating\nSubState=stop-sigterm", ServiceState.Stopping, null)]
    [DataRow("LoadState=loaded\nActiveState=activating\nSubState=auto-restart\nExecMainCode=1\nExecMainStatus=13\nResult=exit-code", ServiceState.Stopped,
        "error 13: it did not start, step LocalNetworks failed")]
    [DataRow("LoadState=loaded\nActiveState=failed\nExecMainCode=2\nExecMainStatus=9\nResult=signal", ServiceState.Stopped, "it was ended by signal 9")]
    [DataRow("LoadState=loaded\nActiveState=failed\nExecMainCode=0\nResult=resources", ServiceState.Stopped, "resources")]
    public void StatesAreRead(string shown, object state, string? end)
    {
        var report = Control(shown).Read();
        Assert.AreEqual(((ServiceState)state, end), (report.State, report.LastEnd));
    }

    [TestMethod]
    public void InstallWritesTheUnitAndEnablesIt()
    {
        NeedRoot();
        var control = Control(Running);
        control.Install(new ServiceDefinition("/opt/fwredirect", "/etc/one.json", []));
        control.Install(new ServiceDefinition("/opt/fwredirect", "/etc/two.json", []));
        Assert.AreEqual("/etc/two.json", control.Read().ConfigurationFile);
        CollectionAssert.AreEqual(new[] { Unit }, Directory.GetFiles(_folder));
        CollectionAssert.AreEqual(new[] { "daemon-reload", $"enable {SystemdUnit.Name}" }, _asked.Take(2).ToArray());
        control.Uninstall();
        Assert.IsFalse(File.Exists(Unit));
        CollectionAssert.AreEqual(new[] { $"disable {SystemdUnit.Name}", "daemon-reload" }, _asked.TakeLast(2).ToArray());
    }

    [TestMethod]
    public void ARefusalIsOneSentence()
    {
        var control = new SystemdServiceControl(_folder, _ => throw new IOException("systemctl show: no bus (exit code 1)"));
        Assert.AreEqual("systemctl show: no bus (exit code 1)", Assert.ThrowsExactly<ServiceControlException>(() => control.Read()).Message);
    }

    private static void NeedRoot()
    {
        if (!Environment.IsPrivilegedProcess)
            Assert.Inconclusive("only root installs services");
    }

    private SystemdServiceControl Control(string shown) => new(_folder, arguments =>
    {
        if (arguments[0] != "show")
            _asked.Add(string.Join(' ', arguments));
        return shown;
    });
}
