using System.Net;
using System.Net.Sockets;
using System.Runtime.Versioning;
using System.Text;
using FwRedirect.Redirector.Diversion;
using FwRedirect.Redirector.Diversion.Linux;
using FwRedirect.Redirector.Packets;

namespace FwRedirect.Tests.Redirector.Diversion.Linux;

[TestClass]
[TestCategory("Lab")]
[SupportedOSPlatform("linux")]
public sealed class NfQueueDiverterTests
{
    private static readonly IPEndPoint Server = new(NamespacePair.OutsideAddress, 21);

    [TestMethod]
    public void AConnectWithNoRouteReachesTheListenerBehindTheRewriteAndSeesItsOwnPeer()
    {
        using var pair = new NamespacePair();
        using var listener = Listen(pair, 6789);
        using var client = new DivertedClient(pair, DivertedClient.RedirectTo(6789), DivertedClient.RestoreFrom(6789, 21));
        using var socket = Connect(pair);
        using var accepted = listener.AcceptSocket();

        Assert.AreEqual(Server, socket.RemoteEndPoint);
        accepted.Send("220 ready\r\n"u8);
        Assert.AreEqual("220 ready\r\n", ReadAll(socket, 11));
        socket.Send("QUIT\r\n"u8);
        Assert.AreEqual("QUIT\r\n", ReadAll(accepted, 6));
        Assert.AreEqual(0, client.Diverter.Counters.RefusedVerdicts);
    }

    [TestMethod]
    public void AHostFirewallThatDropsWhatConntrackDoesNotKnowIsNoObstacle()
    {
        using var pair = new NamespacePair();
        pair.InClient("sysctl", "-qw", "net.ipv4.conf.all.rp_filter=1");
        pair.InClient("iptables", "-A", "INPUT", "-m", "conntrack", "--ctstate", "INVALID", "-j", "DROP");
        pair.InClient("iptables", "-A", "INPUT", "-i", "lo", "-j", "ACCEPT");
        pair.InClient("iptables", "-A", "INPUT", "-m", "conntrack", "--ctstate", "ESTABLISHED,RELATED", "-j", "ACCEPT");
        pair.InClient("iptables", "-P", "INPUT", "DROP");
        using var listener = Listen(pair, 6789);
        DivertedClient? client = null;
        var redirect = DivertedClient.RedirectTo(6789);
        using var _ = client = new DivertedClient(
            pair,
            (Span<byte> packet, ref DivertAddress address) =>
            {
                if (DivertedClient.DestinationOf(packet).Port == 21) return redirect(packet, ref address);
                client!.Diverter.Send(Answers.Reset(packet), new DivertAddress { Direction = PacketDirection.Inbound });
                return PacketVerdict.Drop;
            },
            DivertedClient.RestoreFrom(6789, 21));
        using var socket = Connect(pair);
        using var accepted = listener.AcceptSocket();
        accepted.Send("220 ready\r\n"u8);
        Assert.AreEqual("220 ready\r\n", ReadAll(socket, 11));
        var failure = Assert.ThrowsExactly<SocketException>(() =>
            NamespacePair.Run(pair.Client, () => ConnectHere(new IPEndPoint(NamespacePair.OutsideAddress, 22))));
        Assert.AreEqual(SocketError.ConnectionRefused, failure.SocketErrorCode);
    }

    [TestMethod]
    public void AHeldSynConnectsWhenItIsReleased()
    {
        using var pair = new NamespacePair();
        using var listener = Listen(pair, 6789);
        using var held = new ManualResetEventSlim();
        byte[] syn = [];
        DivertAddress place = default;
        var redirect = DivertedClient.RedirectTo(6789);
        using var client = new DivertedClient(
            pair,
            (Span<byte> packet, ref DivertAddress address) =>
            {
                if (DivertedClient.TcpFlagsOf(packet) != 2) return redirect(packet, ref address);
                syn = packet.ToArray();
                place = address;
                held.Set();
                return PacketVerdict.Hold;
            },
            DivertedClient.RestoreFrom(6789, 21));
        Socket? socket = null;
        var connecting = NamespacePair.Start(pair.Client, () => socket = ConnectHere(Server));
        Assert.IsTrue(held.Wait(TimeSpan.FromSeconds(5)));
        Assert.IsFalse(listener.Pending());

        redirect(syn, ref place);
        // The checksums were completed by the rewrite; spoiled and said so, Send must complete them again.
        syn[36] ^= 0xFF;
        place.Checksums = ChecksumState.IpHeader;
        client.Diverter.Send(syn, place);
        connecting.Join();
        using (socket) Assert.AreEqual(Server, socket!.RemoteEndPoint);
    }

    [TestMethod]
    public void ADroppedSynWithAResetIsRefused()
    {
        using var pair = new NamespacePair();
        DivertedClient? client = null;
        using var _ = client = new DivertedClient(
            pair,
            (Span<byte> packet, ref DivertAddress address) =>
            {
                client!.Diverter.Send(Answers.Reset(packet), new DivertAddress { Direction = PacketDirection.Inbound });
                return PacketVerdict.Drop;
            },
            DivertedClient.PassAll);
        var failure = Assert.ThrowsExactly<SocketException>(() => Connect(pair));
        Assert.AreEqual(SocketError.ConnectionRefused, failure.SocketErrorCode);
    }

    [TestMethod]
    public void ADroppedSynWithIcmpIsUnreachable()
    {
        using var pair = new NamespacePair();
        DivertedClient? client = null;
        using var _ = client = new DivertedClient(
            pair,
            (Span<byte> packet, ref DivertAddress address) =>
            {
                client!.Diverter.Send(Answers.HostUnreachable(packet), new DivertAddress { Direction = PacketDirection.Inbound });
                return PacketVerdict.Drop;
            },
            DivertedClient.PassAll);
        var failure = Assert.ThrowsExactly<SocketException>(() => Connect(pair));
        Assert.AreEqual(SocketError.HostUnreachable, failure.SocketErrorCode);
    }

    [TestMethod]
    [DataRow("131.107.0.2", DisplayName = "a name server outside")]
    [DataRow("192.168.0.9", DisplayName = "a name server in a local range")]
    public void AnInjectedDnsAnswerReachesTheAsker(string server)
    {
        using var pair = new NamespacePair();
        // A neighbour entry, so that the kernel sends at once to a host that is not there.
        NamespacePair.Ip("-n", pair.Client, "neighbour", "add", "192.168.0.9", "lladdr", "02:00:00:00:00:09", "dev", "inside");
        DivertedClient? client = null;
        using var _ = client = new DivertedClient(
            pair,
            (Span<byte> packet, ref DivertAddress address) =>
            {
                client!.Diverter.Send(Answers.Datagram(packet, "answer"u8), new DivertAddress { Direction = PacketDirection.Inbound });
                return PacketVerdict.Drop;
            },
            DivertedClient.PassAll);
        using var socket = NamespacePair.Run(pair.Client, () => new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp));
        socket.ReceiveTimeout = 5000;
        socket.Connect(IPAddress.Parse(server), 53);
        socket.Send("question"u8);
        Assert.AreEqual("answer", ReadAll(socket, 6));
    }

    [TestMethod]
    public void ShutdownLetsHeldPacketsGoAndWhatNobodySawIsRefused()
    {
        using var pair = new NamespacePair();
        using var held = new ManualResetEventSlim();
        using var client = new DivertedClient(
            pair,
            (Span<byte> _, ref DivertAddress _) =>
            {
                held.Set();
                return PacketVerdict.Hold;
            },
            DivertedClient.PassAll);
        SocketException? failure = null;
        var connecting = NamespacePair.Start(pair.Client, () => failure = Assert.ThrowsExactly<SocketException>(() => ConnectHere(Server)));
        Assert.IsTrue(held.Wait(TimeSpan.FromSeconds(5)));
        client.Diverter.Shutdown();
        connecting.Join();
        Assert.AreEqual(SocketError.ConnectionRefused, failure!.SocketErrorCode);
    }

    [TestMethod]
    public void BulkDataArrivesWhole()
    {
        const int Length = 256 << 20;
        using var pair = new NamespacePair();
        using var listener = Listen(pair, 6789);
        var segmented = 0;
        var redirect = DivertedClient.RedirectTo(6789);
        using var client = new DivertedClient(
            pair,
            (Span<byte> packet, ref DivertAddress address) =>
            {
                if (address.Segmented) segmented++;
                return redirect(packet, ref address);
            },
            DivertedClient.RestoreFrom(6789, 21));
        using var socket = Connect(pair);
        using var accepted = listener.AcceptSocket();
        foreach (var (from, to, way) in new[] { (socket, accepted, "up"), (accepted, socket, "down") })
        {
            var started = TimeProvider.System.GetTimestamp();
            var sending = new Thread(() => Pattern.Send(from, Length));
            sending.Start();
            Assert.AreEqual(-1L, Pattern.FirstDifference(to, Length));
            sending.Join();
            TestContext.WriteLine($"{way}: {Length * 8.0 / 1e9 / TimeProvider.System.GetElapsedTime(started).TotalSeconds:0.00} Gbit/s with the pattern checked");
        }

        Assert.IsGreaterThan(0, segmented, "no GSO packet was seen: the test did not test it");
        Assert.AreEqual(0, client.Diverter.Counters.RefusedVerdicts);
    }

    [TestMethod]
    public void APacketOnItsWayAllocatesNothing()
    {
        const int Length = 256 << 20;
        using var pair = new NamespacePair();
        using var listener = Listen(pair, 6789);
        DivertedClient client;
        using (client = new DivertedClient(pair, DivertedClient.PassAll, CompleteAnew))
        {
            using var socket = NamespacePair.Run(pair.Client, () => ConnectHere(new IPEndPoint(NamespacePair.FirewallAddress, 6789)));
            using var accepted = listener.AcceptSocket();
            var sending = new Thread(() => Pattern.Send(accepted, Length));
            sending.Start();
            Assert.AreEqual(-1L, Pattern.FirstDifference(socket, Length));
            sending.Join();
        }

        Assert.IsGreaterThan(50, client.Work[1].Batches);
        Assert.AreEqual(0L, client.Work[1].Allocated);

        static PacketVerdict CompleteAnew(Span<byte> packet, ref DivertAddress address)
        {
            ChecksumCompletion.Complete(packet, address.Checksums);
            return PacketVerdict.Rewritten;
        }
    }

    [TestMethod]
    public void ASecondDiverterOnTheSameQueuesSaysWhichIsTaken()
    {
        using var pair = new NamespacePair();
        using var client = new DivertedClient(pair, DivertedClient.PassAll, DivertedClient.PassAll);
        var failure = Assert.ThrowsExactly<IOException>(() =>
            NamespacePair.Run(pair.Client, () => new NfQueueDiverter(new NfQueueOptions(), null, TimeProvider.System)));
        Assert.Contains($"queue {0x4657}", failure.Message, StringComparison.Ordinal);
    }

    public required TestContext TestContext { get; init; }

    private static TcpListener Listen(NamespacePair pair, int port) => NamespacePair.Run(pair.Firewall, () =>
    {
        var listener = new TcpListener(IPAddress.Any, port);
        listener.Start();
        return listener;
    });

    private static Socket Connect(NamespacePair pair) => NamespacePair.Run(pair.Client, () => ConnectHere(Server));

    private static Socket ConnectHere(IPEndPoint to)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { ReceiveTimeout = 10_000 };
        try
        {
            socket.Connect(to);
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private static string ReadAll(Socket socket, int length)
    {
        var data = new byte[length];
        for (var read = 0; read < length;)
        {
            var got = socket.Receive(data, read, length - read, SocketFlags.None);
            if (got == 0) break;
            read += got;
        }

        return Encoding.ASCII.GetString(data);
    }
}
