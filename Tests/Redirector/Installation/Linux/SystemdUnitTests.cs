using System.Diagnostics;
using System.Runtime.Versioning;
using FwRedirect.Redirector.Installation;
using FwRedirect.Redirector.Installation.Linux;

namespace FwRedirect.Tests.Redirector.Installation.Linux;

[TestClass]
[SupportedOSPlatform("linux")]
public sealed class SystemdUnitTests
{
    private const string Analyzer = "/usr/bin/systemd-analyze";

    private static readonly ServiceDefinition Definition = new("/opt/fw redirect/fwredirect", "/etc/fwredirect.json", ["--LocalDomains", "100%,$x,\"q\""]);

    public required TestContext TestContext { get; init; }

    [TestMethod]
    public void TheWholeText()
    {
        const string Expected = """
            # Written by "fwredirect install", and written again by the next one. For changes of your own: systemctl edit fwredirect
            [Unit]
            Description=FwRedirect: Sends this machine's connections and name look-ups through the firewall.
            Wants=network-online.target
            After=network-online.target nss-lookup.target

            [Service]
            Type=notify
            ExecStart="/opt/fw redirect/fwredirect" "run" "--config" "/etc/fwredirect.json" "--LocalDomains" "100%%,$$x,\"q\""
            Restart=on-failure
            RestartSec=5
            RestartPreventExitStatus=10
            TimeoutStartSec=60
            TimeoutStopSec=30
            KillMode=process
            CapabilityBoundingSet=CAP_NET_ADMIN CAP_NET_RAW CAP_BPF CAP_PERFMON CAP_SYS_PTRACE CAP_DAC_READ_SEARCH
            NoNewPrivileges=yes
            ProtectSystem=full
            ProtectHome=read-only
            PrivateTmp=yes
            ProtectClock=yes
            ProtectHostname=yes
            ProtectControlGroups=yes
            ProtectKernelLogs=yes
            RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6 AF_NETLINK
            RestrictNamespaces=yes
            RestrictRealtime=yes
            RestrictSUIDSGID=yes
            LockPersonality=yes
            SystemCallArchitectures=native

            [Install]
            WantedBy=multi-user.target

            """;
        Assert.AreEqual(Expected, SystemdUnit.Text(Definition));
    }

    [TestMethod]
    public void TheCommandLineIsReadBack() =>
        CollectionAssert.AreEqual(Definition.CommandLine.ToArray(), SystemdUnit.ReadCommandLine(SystemdUnit.Text(Definition)).ToArray());

    [TestMethod]
    public void ALineBreakCanNotBecomeALineOfTheUnit() =>
        Assert.ThrowsExactly<ServiceControlException>(() => SystemdUnit.Text(Definition with { ConfigurationFile = "/etc/x\nExecStartPre=/bin/false" }));

    /// <summary>systemd's own reader finds no key that it does not know and no value that it does not take.</summary>
    [TestMethod]
    public async Task SystemdAcceptsIt()
    {
        if (!File.Exists(Analyzer))
            Assert.Inconclusive($"{Analyzer} is not there");
        var folder = Directory.CreateTempSubdirectory("fwredirect-").FullName;
        try
        {
            var unit = Path.Combine(folder, SystemdUnit.Name);
            await File.WriteAllTextAsync(unit, SystemdUnit.Text(Definition with { Program = Environment.ProcessPath! }), TestContext.CancellationToken);
            var start = new ProcessStartInfo(Analyzer, ["verify", "--man=no", "--recursive-errors=no", unit]) { UseShellExecute = false, RedirectStandardError = true };
            using var process = Process.Start(start)!;
            var said = await process.StandardError.ReadToEndAsync(TestContext.CancellationToken);
            await process.WaitForExitAsync(TestContext.CancellationToken);
            Assert.AreEqual((0, ""), (process.ExitCode, said));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
