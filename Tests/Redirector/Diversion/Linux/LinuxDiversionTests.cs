using System.Net;
using System.Net.Sockets;
using System.Runtime.Versioning;
using FwRedirect.Redirector.Diversion;
using FwRedirect.Redirector.Diversion.Linux;
using FwRedirect.Redirector.Packets;
using FwRedirect.Redirector.Processes.Linux;

namespace FwRedirect.Tests.Redirector.Diversion.Linux;

[TestClass]
[TestCategory("Lab")]
[SupportedOSPlatform("linux")]
public sealed class LinuxDiversionTests
{
    [TestMethod]
    public void AnOrderlyStopEndsAReaderAndLeavesNothing()
    {
        using var pair = new NamespacePair();
        var options = new LinuxDiversionOptions
        {
            Rules = NamespacePair.Rules,
            JournalPath = Path.Combine(Path.GetTempPath(), $"{pair.Client}.flows"),
            Guard = [Environment.ProcessPath!, ChildRoles.Guard],
        };
        var before = (pair.ClientRoutes(), Chains(pair));
        var diversion = NamespacePair.Run(pair.Client, () => new LinuxDiversion(options, TimeProvider.System));
        using var listener = NamespacePair.Run(pair.Firewall, () =>
        {
            var made = new TcpListener(IPAddress.Any, 6789);
            made.Start();
            return made;
        });
        using var processes = NamespacePair.Run(pair.Client, () => new LinuxProcessLookup(diversion.Events.Owners, TimeProvider.System));
        var owner = 0;
        DivertedClient.PacketHandler redirect = DivertedClient.RedirectTo(6789), restore = DivertedClient.RestoreFrom(6789, 21);
        var readers = new[]
        {
            Reader(diversion.Diverter, 0, (Span<byte> packet, ref DivertAddress address) =>
            {
                var (local, remote) = (PacketEndpoint.From(DivertedClient.SourceOf(packet)), PacketEndpoint.From(DivertedClient.DestinationOf(packet)));
                if (DivertedClient.TcpFlagsOf(packet) == 2)
                {
                    // At the very SYN: the map knows the process already.
                    owner = processes.Find(6, local, remote)?.Id ?? -1;
                    diversion.Journal.Add(new JournaledFlow(6, local, remote));
                }

                return redirect(packet, ref address);
            }),
            Reader(diversion.Diverter, 1, restore),
        };
        using var socket = NamespacePair.Run(pair.Client, () =>
        {
            var made = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { ReceiveTimeout = 10_000 };
            made.Connect(NamespacePair.OutsideAddress, 21);
            return made;
        });
        Assert.AreEqual(Environment.ProcessId, owner);

        // Without a Shutdown before: Dispose must end the readers itself.
        NamespacePair.Run(pair.Client, () =>
        {
            diversion.Dispose();
            return 0;
        });
        foreach (var reader in readers) Assert.IsTrue(reader.Join(5000));
        var failure = Assert.ThrowsExactly<SocketException>(() => socket.Receive(new byte[1]));
        // Aborted by SOCK_DESTROY, or reset before that: a late ACK of its own met the refusal.
        Assert.Contains(failure.SocketErrorCode, new[] { SocketError.ConnectionAborted, SocketError.ConnectionReset });
        Assert.AreEqual(before, (pair.ClientRoutes(), Chains(pair)));
        Assert.IsFalse(File.Exists(options.JournalPath));
    }

    [TestMethod]
    public void AFailedStartLeavesNothing()
    {
        using var pair = new NamespacePair();
        var options = new LinuxDiversionOptions
        {
            Rules = NamespacePair.Rules with { LocalDestinations = ["not an address"] },
            JournalPath = Path.Combine(Path.GetTempPath(), $"{pair.Client}.flows"),
        };
        var before = (pair.ClientRoutes(), Chains(pair));
        Assert.ThrowsExactly<FormatException>(() => NamespacePair.Run(pair.Client, () => new LinuxDiversion(options, TimeProvider.System)));
        Assert.AreEqual(before, (pair.ClientRoutes(), Chains(pair)));
        Assert.IsFalse(File.Exists(options.JournalPath));
    }

    private static int Chains(NamespacePair pair) => pair.InClient("iptables-save").Split(DiversionRules.ChainPrefix).Length - 1;

    private static Thread Reader(NfQueueDiverter diverter, int queue, DivertedClient.PacketHandler handler)
    {
        var thread = new Thread(() => DivertedClient.Loop(diverter, queue, handler));
        thread.Start();
        return thread;
    }
}
