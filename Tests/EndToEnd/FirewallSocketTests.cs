using System.Net;
using System.Net.Sockets;
using System.Runtime.Versioning;
using System.Threading.Channels;
using FwRedirect.FirewallHost.Sockets.Echo;
using FwRedirect.FirewallHost.Sockets.Echo.Linux;
using FwRedirect.FirewallHost.Sockets.Udp;
using FwRedirect.Lab.Network;
using FwRedirect.Tests.Redirector.Diversion.Linux;
using Microsoft.Extensions.Logging.Abstractions;

namespace FwRedirect.Tests.EndToEnd;

/// <summary>
/// The firewall's outside sockets alone, on the lab's firewall: the servers' machine is a router too, behind which a way of 1300 bytes begins and a network that is unreachable. What it says reaches
/// us in either IP version.
/// </summary>
[TestClass]
[TestCategory("Lab")]
[DoNotParallelize]
[SupportedOSPlatform("linux")]
public sealed class FirewallSocketTests : LabTest, IEchoAnswers
{
    private const int NarrowWay = 1300;
    private const string Behind = "10.9.9.9";
    private const string BehindV6 = "2001:db8:9::9";
    private const string Nowhere = "10.9.8.9";
    private const string NowhereV6 = "2001:db8:8::9";

    private static LabNetwork? _network;

    private readonly Channel<(ushort Sequence, IPAddress Destination, IcmpReport Report)> _failed = Channel.CreateUnbounded<(ushort, IPAddress, IcmpReport)>();

    [TestInitialize]
    public async Task OpenNetwork()
    {
        if (_network is not null) return;
        _network = await LabNetwork.CreateAsync(LabMode.Redirected, LabIPv6.Firewall, Cancellation);
        string[] outside =
        [
            "link add narrow type veth peer name end", $"link set narrow up mtu {NarrowWay}", "link set end up", "address add 10.9.9.1/24 dev narrow", "address add 2001:db8:9::1/64 dev narrow nodad",
            .. new[] { Behind, BehindV6, "2001:db8:9::10", "2001:db8:9::11" }.Select(address => $"neigh add {address} lladdr 02:00:00:00:00:09 dev narrow"),
            "route add unreachable 10.9.8.0/24", "-6 route add unreachable 2001:db8:8::/64",
        ];
        foreach (string step in outside)
            (await _network.Outside.RunAsync("ip", step.Split(' '), cancellation: Cancellation)).OrThrow();
        foreach (string key in new[] { "net.ipv4.ip_forward=1", "net.ipv6.conf.all.forwarding=1" })
            (await _network.Outside.RunAsync("sysctl", ["-q", "-w", key], cancellation: Cancellation)).OrThrow();
        foreach (string step in new[] { $"route add 10.9.0.0/16 via {LabAddresses.Server}", $"-6 route add 2001:db8:8::/47 via {LabAddresses.ServerV6}" })
            (await _network.Firewall.RunAsync("ip", step.Split(' '), cancellation: Cancellation)).OrThrow();
    }

    [ClassCleanup]
    public static async Task CloseNetwork()
    {
        if (_network is not null) await _network.DisposeAsync();
        _network = null;
    }

    /// <summary>The router's word of the first one is an error of the socket at the next: that one has nothing to do with it, and is cut from then on.</summary>
    [TestMethod]
    [DataRow(LabAddresses.FirewallOutside, Behind)]
    [DataRow(LabAddresses.FirewallOutsideV6, BehindV6)]
    public async Task A_datagram_that_was_too_large_for_its_way_does_not_cost_the_next_one(string own, string behind)
    {
        using DatagramSocket socket = OnFirewall(() => new DatagramSocket(new IPEndPoint(IPAddress.Parse(own), 0), hearsErrors: true, NullLogger.Instance));
        SocketAddress to = new IPEndPoint(IPAddress.Parse(behind), 9).Serialize();
        Assert.AreEqual(SocketError.Success, socket.Send(new byte[NarrowWay + 50], to));
        await Until.TrueAsync(
            async () => (await _network!.Firewall.RunAsync("ip", ["route", "get", behind], cancellation: Cancellation)).OrThrow().Output.Contains($"mtu {NarrowWay}", StringComparison.Ordinal),
            () => "the router has said nothing", Cancellation);
        long before = await SentAsync();
        Assert.AreEqual(SocketError.Success, socket.Send(new byte[NarrowWay + 50], to));
        await Until.TrueAsync(async () => await SentAsync() == before + 2, () => "it did not come in two pieces", Cancellation);
    }

    [TestMethod]
    [DataRow(false, "10.9.9.10", "2001:db8:9::10", DisplayName = "raw sockets")]
    [DataRow(true, "10.9.9.11", "2001:db8:9::11", DisplayName = "ping sockets")]
    public async Task What_comes_of_pings_is_heard(bool unprivileged, string behind, string behindV6)
    {
        string groups = unprivileged ? "net.ipv4.ping_group_range=0 0" : "net.ipv4.ping_group_range=1 0";
        (await _network!.Firewall.RunAsync("sysctl", ["-q", "-w", groups], cancellation: Cancellation)).OrThrow();
        using EchoSocket ipv4 = OnFirewall(() => EchoSocket.Open(IPAddress.Parse(LabAddresses.FirewallOutside), this));
        using EchoSocket ipv6 = OnFirewall(() => EchoSocket.Open(IPAddress.Parse(LabAddresses.FirewallOutsideV6), this));
        Assert.StartsWith(unprivileged ? "a ping socket" : "a raw socket", ipv6.Description);

        Assert.AreEqual($"{LabAddresses.Server} 11/0", await ErrorAsync(ipv4, behind, timeToLive: 1));
        Assert.AreEqual($"{LabAddresses.ServerV6} 3/0", await ErrorAsync(ipv6, behindV6, timeToLive: 1));
        Assert.AreEqual($"{LabAddresses.Server} 3/1", await ErrorAsync(ipv4, Nowhere));
        Assert.AreEqual($"{LabAddresses.ServerV6} 1/0", await ErrorAsync(ipv6, NowhereV6));
        Assert.AreEqual($"{LabAddresses.Server} 3/4 mtu {NarrowWay}", await ErrorAsync(ipv4, behind, length: 1400, dontFragment: true));
        Assert.AreEqual($"{LabAddresses.ServerV6} 2/0 mtu {NarrowWay}", await ErrorAsync(ipv6, behindV6, length: 1400));
        // Known by now, and said by the own system.
        Assert.AreEqual($"{LabAddresses.FirewallOutsideV6} 2/0 mtu {NarrowWay}", await ErrorAsync(ipv6, behindV6, length: 1400, dontFragment: true, isSent: false));
        Assert.AreEqual($"{LabAddresses.FirewallOutside} 3/1", await ErrorAsync(ipv4, LabAddresses.Unreachable, isSent: false));
        Assert.AreEqual($"{LabAddresses.FirewallOutsideV6} 1/3", await ErrorAsync(ipv6, LabAddresses.UnreachableV6, isSent: false));
        Assert.AreEqual($"{LabAddresses.FirewallOutside} 3/0", await ErrorAsync(ipv4, "10.77.0.1", isSent: false));
        Assert.AreEqual($"{LabAddresses.FirewallOutsideV6} 1/0", await ErrorAsync(ipv6, "2001:db8:77::1", isSent: false));
        long before = await SentAsync();
        Assert.IsTrue(ipv6.TrySend(IPAddress.Parse(behindV6), 9, 9, dontFragment: false, new byte[1400]));
        await Until.TrueAsync(async () => await SentAsync() == before + 2, () => "it did not go in two pieces", Cancellation);
    }

    void IEchoAnswers.Replied(ushort sequence, IPAddress source, byte timeToLive, ReadOnlySpan<byte> data)
    {
    }

    void IEchoAnswers.Failed(ushort sequence, IPAddress destination, in IcmpReport report) => _failed.Writer.TryWrite((sequence, destination, report));

    private static T OnFirewall<T>(Func<T> make) => NamespacePair.Run(_network!.Firewall.Name, make);

    private async Task<string> ErrorAsync(EchoSocket socket, string to, byte timeToLive = 9, int length = 56, bool dontFragment = false, bool isSent = true)
    {
        ushort sequence = (ushort)Random.Shared.Next(ushort.MaxValue);
        Assert.AreEqual(isSent, socket.TrySend(IPAddress.Parse(to), sequence, timeToLive, dontFragment, new byte[length]));
        (ushort Sequence, IPAddress Destination, IcmpReport Report) failed = await _failed.Reader.ReadAsync(Cancellation).AsTask().WaitAsync(TimeSpan.FromSeconds(10), Cancellation);
        Assert.AreEqual((sequence, IPAddress.Parse(to)), (failed.Sequence, failed.Destination));
        IcmpReport report = failed.Report;
        // Of its two addresses of IPv6 the router chooses.
        string reporter = report.Reporter.Equals(IPAddress.Parse(LabAddresses.NameServerV6)) ? LabAddresses.ServerV6 : $"{report.Reporter}";
        return $"{reporter} {report.Type}/{report.Code}{(report.Info == 0 ? "" : $" mtu {report.Info}")}";
    }

    /// <summary>Packets that went into the narrow way.</summary>
    private async Task<long> SentAsync() => long.Parse(
        (await _network!.Outside.RunAsync("cat", ["/sys/class/net/narrow/statistics/tx_packets"], cancellation: Cancellation)).OrThrow().Output,
        System.Globalization.CultureInfo.InvariantCulture);
}
