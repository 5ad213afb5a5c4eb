using System.Net;
using System.Net.Sockets;
using System.Runtime.Versioning;
using FwRedirect.Redirector.Diversion;
using FwRedirect.Redirector.Diversion.Linux.Native;
using FwRedirect.Redirector.Engine;
using FwRedirect.Redirector.Journeys;
using FwRedirect.Redirector.Packets;
using FwRedirect.Redirector.Rules;

namespace FwRedirect.Tests.Redirector.Diversion.Linux;

/// <summary>
/// client 192.168.0.2 ── 192.168.0.1 router 192.168.1.254 ── 192.168.1.1 firewall, the second link with a small MTU on the router's side only: neither end
/// knows of it but by the router's "fragmentation needed".
/// </summary>
[TestClass]
[TestCategory("Lab")]
[SupportedOSPlatform("linux")]
public sealed class PathMtuTests
{
    private const int SmallMtu = 1300;
    private const int TcpLevel = 6;
    private const int MaximumSegment = 2;
    private static readonly IPEndPoint Inside = IPEndPoint.Parse("192.168.1.1:6789");
    private static readonly IPEndPoint Peer = new(NamespacePair.OutsideAddress, 21);

    [TestMethod]
    public void AnUploadGoesThroughASmallLinkBecauseTheProgramsStackLearnsOfIt()
    {
        const int Length = 4 << 20;
        using var pair = new NamespacePair();
        using var firewall = BehindRouter(pair);
        using var listener = NamespacePair.Run(firewall.Name, () =>
        {
            var listening = new TcpListener(Inside);
            listening.Start();
            return listening;
        });
        GuardedEngine? engine = null;
        DivertedClient.PacketHandler handler = (Span<byte> packet, ref DivertAddress address) => Volatile.Read(ref engine)!.Take(packet, ref address, 0);
        using var client = new DivertedClient(pair, handler, handler, NamespacePair.Rules with { FirewallAddresses = [Inside.Address] });
        var rules = new LocalDestinations([new(IPNetwork.Parse("192.168.0.0/16"), "route")], new IPEndPoint(Inside.Address, 1745));
        var made = new GuardedEngine(new RedirectEngine(rules), client.Diverter, TimeProvider.System);
        made.ConnectRequested = flow => ThreadPool.QueueUserWorkItem(
            _ => made.Enter((e, actions) => Assert.IsTrue(e.Connected(flow, PacketEndpoint.From(Inside), flow.Client, 0, actions))));
        Volatile.Write(ref engine, made);

        using var socket = NamespacePair.Run(pair.Client, () =>
        {
            var connecting = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { SendTimeout = 10_000 };
            connecting.Connect(Peer);
            return connecting;
        });
        using var accepted = listener.AcceptSocket();
        accepted.ReceiveTimeout = 10_000;
        var before = SegmentSize(socket);
        var sending = new Thread(() => Pattern.Send(socket, Length)) { IsBackground = true };
        sending.Start();
        Assert.AreEqual(-1L, Pattern.FirstDifference(accepted, Length));
        Assert.IsTrue(sending.Join(TimeSpan.FromSeconds(10)));
        TestContext.WriteLine($"segments of {before} bytes, then of {SegmentSize(socket)}");
        Assert.IsGreaterThan(SmallMtu, before);
        Assert.IsLessThanOrEqualTo(SmallMtu - 40, SegmentSize(socket));
    }

    public required TestContext TestContext { get; init; }

    /// <summary>Makes the pair's firewall a router, and behind it a namespace of its own.</summary>
    private static Namespace BehindRouter(NamespacePair pair)
    {
        var behind = new Namespace(pair.Firewall + "b");
        NamespacePair.Ip("-n", pair.Firewall, "link", "add", "far", "type", "veth", "peer", "name", "far", "netns", behind.Name);
        foreach (var (space, address) in new[] { (pair.Firewall, "192.168.1.254/24"), (behind.Name, "192.168.1.1/24") })
        {
            NamespacePair.Ip("-n", space, "link", "set", "far", "up");
            NamespacePair.Ip("-n", space, "address", "add", address, "dev", "far");
        }

        NamespacePair.Ip("-n", pair.Firewall, "link", "set", "far", "mtu", $"{SmallMtu}");
        NamespacePair.Ip("-n", behind.Name, "route", "add", "192.168.0.0/24", "via", "192.168.1.254");
        NamespacePair.Ip("-n", pair.Client, "route", "add", "192.168.1.0/24", "via", $"{NamespacePair.FirewallAddress}");
        NamespacePair.Run(pair.Firewall, () => SystemProgram.Run("sysctl", ["-qw", "net.ipv4.ip_forward=1"]));
        return behind;
    }

    private static int SegmentSize(Socket socket)
    {
        Span<byte> value = stackalloc byte[4];
        socket.GetRawSocketOption(TcpLevel, MaximumSegment, value);
        return BitConverter.ToInt32(value);
    }

    private sealed class Namespace : IDisposable
    {
        public Namespace(string name)
        {
            Name = name;
            NamespacePair.Ip("netns", "add", name);
        }

        public string Name { get; }

        public void Dispose() => NamespacePair.Ip("netns", "delete", Name);
    }
}
