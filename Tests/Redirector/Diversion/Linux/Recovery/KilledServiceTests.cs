using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Runtime.Versioning;
using FwRedirect.Redirector.Diversion.Linux.Recovery;
using FwRedirect.Redirector.Diversion.Linux.Rules;

namespace FwRedirect.Tests.Redirector.Diversion.Linux.Recovery;

/// <summary>The service dies by SIGKILL; programs must not hang.</summary>
[TestClass]
[TestCategory("Lab")]
[SupportedOSPlatform("linux")]
public sealed class KilledServiceTests
{
    private static readonly IPEndPoint Server = new(NamespacePair.OutsideAddress, 21);

    [ClassInitialize]
    public static void Begin(TestContext _)
    {
        if (Environment.GetEnvironmentVariable(ChildRoles.ServiceJournal) is { } journal)
            ChildRoles.Serve(journal, Environment.GetEnvironmentVariable(ChildRoles.KeepRefusing) == "1");
    }

    [TestMethod]
    [DataRow(true, DisplayName = "Block: readers end, new connects are refused, the next start begins clean")]
    [DataRow(false, DisplayName = "Direct: readers end and nothing of ours is left")]
    public void AfterAKillNobodyHangs(bool keepRefusing)
    {
        using var pair = new NamespacePair();
        var journal = Path.Combine(Path.GetTempPath(), $"{pair.Client}.flows");
        using var listener = NamespacePair.Run(pair.Firewall, () =>
        {
            var made = new TcpListener(IPAddress.Any, 6789);
            made.Start();
            return made;
        });
        using var service = NamespacePair.Run(pair.Client, () => Process.Start(
            new ProcessStartInfo(Environment.ProcessPath!, ["--filter", $"FullyQualifiedName~{nameof(KilledServiceTests)}"])
            {
                UseShellExecute = false,
                RedirectStandardOutput = true,
                Environment = { [ChildRoles.ServiceJournal] = journal, [ChildRoles.KeepRefusing] = keepRefusing ? "1" : "0" },
            })!);
        Process? guard = null;
        try
        {
            var line = service.StandardOutput.ReadLine();
            while (line?.StartsWith(ChildRoles.Ready, StringComparison.Ordinal) == false) line = service.StandardOutput.ReadLine();
            Assert.IsNotNull(line, "the service did not begin");
            guard = Process.GetProcessById(int.Parse(line.AsSpan(ChildRoles.Ready.Length), CultureInfo.InvariantCulture));
            using var socket = NamespacePair.Run(pair.Client, () =>
            {
                var made = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { ReceiveTimeout = 15_000 };
                made.Connect(Server);
                return made;
            });
            using var accepted = listener.AcceptSocket();

            service.Kill();
            var failure = Assert.ThrowsExactly<SocketException>(() => socket.Receive(new byte[1]));
            // Aborted by SOCK_DESTROY, or reset before that: a late ACK of its own met the refusal.
            Assert.Contains(failure.SocketErrorCode, new[] { SocketError.ConnectionAborted, SocketError.ConnectionReset });
            Assert.IsTrue(guard.WaitForExit(10_000), "the guard did not end");

            var rules = pair.InClient("iptables-save");
            Assert.AreEqual(keepRefusing, rules.Contains(DiversionRules.RefuseChain, StringComparison.Ordinal), rules);
            Assert.DoesNotContain("NFQUEUE", rules, StringComparison.Ordinal);
            var next = Assert.ThrowsExactly<SocketException>(() => NamespacePair.Run(pair.Client, () =>
            {
                using var again = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
                again.Connect(Server);
                return 0;
            }));
            Assert.AreEqual(keepRefusing ? SocketError.ConnectionRefused : SocketError.NetworkUnreachable, next.SocketErrorCode);

            NamespacePair.Run(pair.Client, () => NetworkRecovery.Run(journal));
            Assert.DoesNotContain(DiversionRules.ChainPrefix, pair.InClient("iptables-save"), StringComparison.Ordinal);
            Assert.DoesNotContain("default", pair.InClient("ip", "route"), StringComparison.Ordinal);
            Assert.IsFalse(File.Exists(journal));
        }
        finally
        {
            if (!service.HasExited) service.Kill();
            guard?.Dispose();
            File.Delete(journal);
        }
    }
}
