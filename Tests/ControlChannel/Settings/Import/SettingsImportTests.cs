using FwRedirect.ControlChannel.Settings.Import;
using FwRedirect.Redirector.Configuration;

namespace FwRedirect.Tests.ControlChannel.Settings.Import;

[TestClass]
public sealed class SettingsImportTests
{
    private readonly string _folder = Directory.CreateTempSubdirectory("fwimport-").FullName;

    [TestCleanup]
    public void Remove() => Directory.Delete(_folder, recursive: true);

    [TestMethod]
    public void AMspclntIniIsTakenOverAndWhatCanNotBeIsNamed()
    {
        var import = Read(("mspclnt.ini", """
            ; made by the server
            [Master Config]
            Path1=\\PROXY\mspclnt\
            [Servers Ip Addresses]
            Name=proxy.corp.example
            [Common]
            Port=1746
            Configuration Refresh Time (Hours)=6
            LocalDomains=corp.example,.lan.example
            ControlChannel=Wsp.udp
            DontRemoteOutboundTcpPorts=3127-3198
            [raplayer]
            RemoteBindUdpPorts=6970-7170
            LocalBindTcpPorts=7070
            [icq]
            RemoteBindTcpPorts=0
            ServerBindTcpPorts=0,1025-5000
            NameResolutionForLocalHost=P
            [svchost]
            Disable=0
            DisableEx=1
            [old]
            MultipleAccessTcpPorts=80
            Teleport=1
            nonsense
            """));
        Assert.AreEqual("proxy.corp.example:1746", import.Firewall);
        CollectionAssert.AreEqual(new[] { "corp.example", "lan.example" }, import.LocalDomains.ToArray());
        CollectionAssert.AreEqual(
            new[]
            {
                "DontRemoteOutboundTcpPorts=3127-3198 of *, mspclnt.ini", "RemoteBindUdpPorts=6970-7170 of raplayer, mspclnt.ini", "LocalBindTcpPorts=7070 of raplayer, mspclnt.ini",
                "RemoteBindTcpPorts=0 of icq, mspclnt.ini", "ServerBindTcpPorts=0,1025-5000 of icq, mspclnt.ini", "Disable=1 of svchost, mspclnt.ini", "ServerBindTcpPorts=80 of old, mspclnt.ini",
            },
            import.Applications.All.Select(s => s.ToString()).ToArray());
        CollectionAssert.AreEqual(new[] { 3, 8, 10, 18, 24, 25 }, import.Problems.Select(p => p.Line).ToArray());
        Assert.Contains("not by a file share", import.Problems[0].Reason);
        Assert.Contains("mspclnt.ini:18: [icq] NameResolutionForLocalHost=P: is not L", import.Problems[3].ToString());
    }

    [TestMethod]
    [DataRow("10.0.0.0 10.255.255.255", "10.0.0.0/8")]
    [DataRow("192.168.7.7\t192.168.7.7", "192.168.7.7/32")]
    [DataRow("0.0.0.0 255.255.255.255", "0.0.0.0/0")]
    [DataRow("192.168.0.1 192.168.0.6", "192.168.0.1/32 192.168.0.2/31 192.168.0.4/31 192.168.0.6/32")]
    public void ARangeOfAddressesBecomesNetworks(string line, string networks) =>
        Assert.AreEqual(networks, string.Join(' ', Read(("LocalLAT.txt", line)).LocalAddresses));

    [TestMethod]
    [DataRow("10.0.0.0 255.0.0.0", true, DisplayName = "a mask is read as the address that it is")]
    [DataRow("10.0.0.9 10.0.0.1", false)]
    [DataRow("10.0.0.0/8", false)]
    [DataRow("10 11", false)]
    public void WhatIsNoRangeIsNamed(string line, bool isRange) => Assert.HasCount(isRange ? 0 : 1, Read(("LocalLAT.txt", line)).Problems);

    [TestMethod]
    public void AWspcfgIniIsForTheProgramBesideIt()
    {
        File.WriteAllText(Path.Combine(_folder, "smtpd.exe"), "");
        var import = Read(("wspcfg.ini", "[smtpd]\nServerBindTcpPorts=25\nPersistent=1\n[absent]\nDisable=1\n"));
        Assert.AreEqual(Path.Combine(_folder, "smtpd.exe"), import.Applications.All[0].Application.Text);
        Assert.AreEqual("absent", import.Applications.All[2].Application.Text);
    }

    /// <summary>What is printed is a configuration that the service takes.</summary>
    [TestMethod]
    public void WhatIsPrintedIsAConfiguration()
    {
        var output = new StringWriter();
        var files = new[] { ("application.ini", "[ftp]\nDisable=1\nProxyBindIp=25:131.107.0.20\n"), ("common.ini", "[Common]\nServerName=fw.corp.example\nAutodetection=1\n"), ("LocalLAT.txt", "10.1.0.0 10.1.255.255\n") };
        var errors = new StringWriter();
        Assert.AreEqual(0, ImportRun.Run([.. files.Select(f => Write(f.Item1, f.Item2))], ofClient: true, output, errors));
        Assert.Contains("there is no discovery", errors.ToString());
        var options = RedirectorOptionsReader.Read(Write("fwredirect.json", output.ToString()), []);
        Assert.AreEqual(("fw.corp.example", "10.1.0.0/16"), (options.Firewalls.Single().Host, options.LocalAddresses.Single().ToString()));
        Assert.AreEqual("ProxyBindIp=25:131.107.0.20 of ftp, fwredirect.json", options.Applications.All[1].ToString());
        Assert.AreEqual(1, ImportRun.Run([Path.Combine(_folder, "absent.ini")], ofClient: true, TextWriter.Null, errors));
    }

    private SettingsImport Read(params (string Name, string Text)[] files)
    {
        var import = new SettingsImport();
        foreach (var (name, text) in files)
            import.Read(Write(name, text));
        return import;
    }

    private string Write(string name, string text)
    {
        var path = Path.Combine(_folder, name);
        File.WriteAllText(path, text);
        return path;
    }
}
