using System.Net;
using System.Net.Sockets;
using System.Runtime.Versioning;
using FwRedirect.Redirector.Configuration;
using FwRedirect.Redirector.Diversion;
using FwRedirect.Redirector.Diversion.Linux;
using FwRedirect.Redirector.Diversion.Linux.Queues;
using FwRedirect.Redirector.Diversion.Linux.Rules;
using FwRedirect.Redirector.Packets;
using FwRedirect.Redirector.Service;
using FwRedirect.Redirector.Service.Linux;
using FwRedirect.Tests.Redirector.Diversion.Linux;
using FwRedirect.Tests.Redirector.Diversion.Linux.Recovery;
using Microsoft.Extensions.Logging;

namespace FwRedirect.Tests.Redirector.Service.Linux;

[TestClass]
[TestCategory("Lab")]
[SupportedOSPlatform("linux")]
public sealed class LinuxMachineTests
{
    [TestMethod]
    public void AnOrderlyStopEndsAReaderAndLeavesNothing()
    {
        using var pair = new NamespacePair();
        var journal = Path.Combine(Path.GetTempPath(), $"{pair.Client}.flows");
        var before = (pair.ClientRoutes(), Chains(pair));
        var diversion = NamespacePair.Run(pair.Client, () => new OpenedMachine(journal));
        using var listener = NamespacePair.Run(pair.Firewall, () =>
        {
            var made = new TcpListener(IPAddress.Any, 6789);
            made.Start();
            return made;
        });
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
                    owner = diversion.Processes.FindAsync(6, local, remote).AsTask() is { IsCompletedSuccessfully: true, Result.Id: var id } ? id : -1;
                    diversion.Journal.Add(6, local, remote);
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

        // Without a Shutdown before: disposing of the diverter must end the readers itself.
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
        Assert.IsFalse(File.Exists(journal));
    }

    [TestMethod]
    public void AStartThatFailsAtItsLastStepLeavesNothing()
    {
        using var pair = new NamespacePair();
        var journal = Path.Combine(Path.GetTempPath(), $"{pair.Client}.flows");
        using var taken = NamespacePair.Run(pair.Client, () => new NfQueueDiverter(new NfQueueOptions(), null, TimeProvider.System));
        var before = (pair.ClientRoutes(), Chains(pair));
        var failure = Assert.ThrowsExactly<StartFailedException>(() => NamespacePair.Run(pair.Client, () =>
        {
            var options = new RedirectorOptions { Firewalls = [new(NamespacePair.FirewallAddress.ToString(), 1745)] };
            var machine = new LinuxMachine(TimeProvider.System, journal, [Environment.ProcessPath!, ChildRoles.Guard]);
            using var loggers = new LoggerFactory();
            // All of it in this thread: an address is found without a look-up, and the start fails before there is anything to wait for.
            new RedirectorService(options, machine, TimeProvider.System, loggers).StartAsync(CancellationToken.None).GetAwaiter().GetResult();
            return 0;
        }));
        Assert.AreEqual(StartStep.Diversion, failure.Step);
        Assert.Contains("queue", failure.Message, StringComparison.Ordinal);
        Assert.AreEqual(before, (pair.ClientRoutes(), Chains(pair)));
        Assert.IsFalse(File.Exists(journal));
    }

    private static int Chains(NamespacePair pair) => pair.InClient("iptables-save").Split(DiversionRules.ChainPrefix).Length - 1;

    private static Thread Reader(IPacketDiverter diverter, int queue, DivertedClient.PacketHandler handler)
    {
        var thread = new Thread(() => DivertedClient.Loop(diverter, queue, handler));
        thread.Start();
        return thread;
    }
}
