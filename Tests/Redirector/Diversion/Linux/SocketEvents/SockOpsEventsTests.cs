using System.Net;
using System.Net.Sockets;
using System.Runtime.Versioning;
using FwRedirect.Redirector.Diversion;
using FwRedirect.Redirector.Diversion.Linux.Native;
using FwRedirect.Redirector.Diversion.Linux.SocketEvents;
using FwRedirect.Redirector.Packets;

namespace FwRedirect.Tests.Redirector.Diversion.Linux.SocketEvents;

[TestClass]
[TestCategory("Lab")]
[SupportedOSPlatform("linux")]
public sealed class SockOpsEventsTests
{
    /// <summary>.NET finds out by UDP sockets of its own what this machine can do; later they would be told of as ours.</summary>
    [ClassInitialize]
    public static void FindOut(TestContext _) => Assert.IsTrue(Socket.OSSupportsIPv4 || Socket.OSSupportsIPv6);

    [TestMethod]
    [DataRow("0.0.0.0")]
    [DataRow("::")]
    [DataRow("192.168.0.2")]
    public void AListenAndItsEndAreTold(string address)
    {
        using var pair = new NamespacePair();
        using var events = NamespacePair.Run(pair.Client, () => new SockOpsEvents(TimeProvider.System));
        var at = new IPEndPoint(IPAddress.Parse(address), 2121);
        NamespacePair.Run(pair.Client, () => Listen(at)).Dispose();
        var (listen, close) = (Next(events), Next(events));
        Assert.AreEqual(
            new SocketEvent(SocketEventKind.Listen, 6, PacketEndpoint.From(at), default, Environment.ProcessId, listen.SocketId, listen.Timestamp), listen);
        Assert.AreEqual(listen with { Kind = SocketEventKind.Close, Timestamp = close.Timestamp }, close);
        Assert.AreNotEqual(0ul, listen.SocketId);
    }

    [TestMethod]
    [DataRow(false, DisplayName = "IPv4 socket")]
    [DataRow(true, DisplayName = "dual-stack socket")]
    public void AConnectIsToldWithBothEnds(bool dualStack)
    {
        using var pair = new NamespacePair();
        var server = new IPEndPoint(NamespacePair.FirewallAddress, 2121);
        using var listener = NamespacePair.Run(pair.Firewall, () => Listen(server));
        using var events = NamespacePair.Run(pair.Client, () => new SockOpsEvents(TimeProvider.System));
        using var socket = NamespacePair.Run(pair.Client, () =>
        {
            var made = dualStack
                ? new Socket(AddressFamily.InterNetworkV6, SocketType.Stream, ProtocolType.Tcp) { DualMode = true }
                : new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            made.Connect(server);
            return made;
        });
        var told = Next(events);
        var local = PacketEndpoint.From((IPEndPoint)socket.LocalEndPoint!);
        Assert.AreEqual(
            new SocketEvent(SocketEventKind.Connect, 6, local, PacketEndpoint.From(server), Environment.ProcessId, told.SocketId, told.Timestamp), told);
        Assert.IsTrue(told.Local.IsIPv4);
        Assert.AreEqual(Environment.ProcessId, events.Owners.Find(told.SocketId));
    }

    /// <summary>Nobody has the address: the socket is closed while its SYN is still unanswered.</summary>
    [TestMethod]
    public void TheEndOfAConnectThatWasGivenUpIsToldWithBothEnds()
    {
        using var pair = new NamespacePair();
        using var events = NamespacePair.Run(pair.Client, () => new SockOpsEvents(TimeProvider.System));
        NamespacePair.Run(pair.Client, () =>
        {
            var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { Blocking = false };
            Assert.ThrowsExactly<SocketException>(() => socket.Connect(new IPEndPoint(IPAddress.Parse("192.168.0.77"), 2121)));
            return socket;
        }).Dispose();
        var (connect, close) = (Next(events), Next(events));
        Assert.AreEqual((SocketEventKind.Connect, "192.168.0.77:2121"), (connect.Kind, connect.Remote.ToString()));
        Assert.AreEqual(connect with { Kind = SocketEventKind.Close, Timestamp = close.Timestamp }, close);
    }

    /// <summary>Two descriptors, one socket: the end is the last one's. By the cookie that sock_diag gave while it lived.</summary>
    [TestMethod]
    public void TheBindAndTheEndOfAUdpSocketAreTold()
    {
        using var pair = new NamespacePair();
        using var events = NamespacePair.Run(pair.Client, () => new SockOpsEvents(TimeProvider.System));
        using var diagnostics = NamespacePair.Run(pair.Client, () => new SocketDiagnostics());
        var peer = new IPEndPoint(NamespacePair.FirewallAddress, 2121);
        var socket = NamespacePair.Run(pair.Client, () =>
        {
            var made = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
            made.Bind(new IPEndPoint(IPAddress.Any, 4242));
            made.Connect(peer);
            return made;
        });
        var bound = Next(events);
        Assert.AreEqual((SocketEventKind.Bind, 17, "0.0.0.0:4242", Environment.ProcessId), (bound.Kind, (int)bound.Protocol, bound.Local.ToString(), bound.ProcessId));
        var found = diagnostics.Find(17, PacketEndpoint.From((IPEndPoint)socket.LocalEndPoint!), PacketEndpoint.From(peer));
        Assert.IsNotNull(found);
        socket.Dispose();
        var told = Next(events);
        Assert.AreEqual(new SocketEvent(SocketEventKind.Close, 17, default, default, Environment.ProcessId, found.Value.Cookie, told.Timestamp), told);
    }

    /// <summary>Whether it can be reached from elsewhere is in its address.</summary>
    [TestMethod]
    [DataRow("127.0.0.1", "127.0.0.1")]
    [DataRow("::1", "::1")]
    [DataRow("::", "::")]
    [DataRow("::ffff:127.0.0.1", "127.0.0.1")]
    public void TheAddressOfABindIsTold(string bound, string told)
    {
        using var pair = new NamespacePair();
        using var events = NamespacePair.Run(pair.Client, () => new SockOpsEvents(TimeProvider.System));
        var address = IPAddress.Parse(bound);
        using var socket = NamespacePair.Run(pair.Client, () =>
        {
            var made = new Socket(address.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
            if (address.AddressFamily == AddressFamily.InterNetworkV6) made.DualMode = true;
            made.Bind(new IPEndPoint(address, 0));
            return made;
        });
        var happened = Next(events);
        Assert.AreEqual(new IPEndPoint(IPAddress.Parse(told), ((IPEndPoint)socket.LocalEndPoint!).Port), happened.Local.ToIPEndPoint());
        // One that has an address of IPv6 takes nothing else, and is not listed.
        ListeningSocket[] expected = told == "::1" ? [] : [new ListeningSocket(happened.SocketId, happened.Local, Protocol: 17)];
        CollectionAssert.AreEqual(expected, events.Listening()!.Where(one => one.SocketId == happened.SocketId).ToArray());
    }

    [TestMethod]
    public void OtherNamespacesAreNotTold()
    {
        using var pair = new NamespacePair();
        using var events = NamespacePair.Run(pair.Client, () => new SockOpsEvents(TimeProvider.System));
        using var theirs = NamespacePair.Run(pair.Firewall, () => Listen(new IPEndPoint(IPAddress.Any, 1)));
        using var ours = NamespacePair.Run(pair.Client, () => Listen(new IPEndPoint(IPAddress.Any, 2)));
        Assert.AreEqual(2, Next(events).Local.Port);
    }

    [TestMethod]
    public void ShutdownWakesTheReader()
    {
        using var pair = new NamespacePair();
        using var events = NamespacePair.Run(pair.Client, () => new SockOpsEvents(TimeProvider.System));
        var got = -1;
        var reader = new Thread(() => got = ((ISocketEventSource)events).Receive(new SocketEvent[1]));
        reader.Start();
        events.Shutdown();
        Assert.IsTrue(reader.Join(TimeSpan.FromSeconds(5)));
        Assert.AreEqual(0, got);
    }

    [TestMethod]
    public void AControlGroupThatIsNotThereIsNamed()
    {
        using var pair = new NamespacePair();
        var failure = Assert.ThrowsExactly<IOException>(() => new SockOpsEvents(TimeProvider.System, "/sys/fs/cgroup/not-there"));
        Assert.Contains("/sys/fs/cgroup/not-there", failure.Message, StringComparison.Ordinal);
    }

    private static Socket Listen(IPEndPoint at)
    {
        var socket = new Socket(at.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        if (at.AddressFamily == AddressFamily.InterNetworkV6) socket.DualMode = true;
        socket.Bind(at);
        socket.Listen();
        return socket;
    }

    private static SocketEvent Next(SockOpsEvents events)
    {
        var one = new SocketEvent[1];
        using var timeout = new Timer(_ => events.Shutdown(), null, 5000, Timeout.Infinite);
        Assert.AreEqual(1, ((ISocketEventSource)events).Receive(one), "no event in 5 s");
        return one[0];
    }
}
