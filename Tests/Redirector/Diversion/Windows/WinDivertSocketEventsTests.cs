using System.Runtime.Versioning;
using FwRedirect.Redirector.Diversion;
using FwRedirect.Redirector.Diversion.Windows;
using FwRedirect.Redirector.Diversion.Windows.Native;
using FwRedirect.Redirector.Packets;
using FwRedirect.Tests.Redirector.Packets;

namespace FwRedirect.Tests.Redirector.Diversion.Windows;

[TestClass]
[SupportedOSPlatform("windows")]
public sealed class WinDivertSocketEventsTests : IDisposable
{
    private static readonly PacketEndpoint Client = Raw.At("192.168.0.2:49152");
    private static readonly PacketEndpoint Server = Raw.At("131.107.0.21:21");

    private readonly FakeWinDivert _driver = new();
    private readonly WinDivertSocketEvents _events;

    public WinDivertSocketEventsTests() => _events = new WinDivertSocketEvents(_driver, new WinDivertOptions(), TimeProvider.System);

    private FakeWinDivertHandle Handle => _driver.Handles.Single();

    public void Dispose() => _events.Dispose();

    /// <summary>Without SNIFF, every connect and listen on the machine would be denied.</summary>
    [TestMethod]
    public void TheHandleOnlyLooks()
    {
        Assert.AreEqual(WinDivertLayer.Socket, Handle.Layer);
        Assert.AreEqual(WinDivertOpenFlags.Sniff | WinDivertOpenFlags.ReceiveOnly, Handle.Flags);
        Assert.AreEqual(
            $"processId != {Environment.ProcessId} and (event == BIND or event == LISTEN or event == CLOSE or (event == CONNECT and !loopback))", Handle.Filter);
    }

    [TestMethod]
    public void AConnectHasItsEndpointsProcessSocketAndTime()
    {
        Handle.Tell(Happened(WinDivertEvent.SocketConnect, Client, Server, processId: 77, timestamp: 5));
        Assert.AreEqual(new SocketEvent(SocketEventKind.Connect, 6, Client, Server, 77, 9, 5), Next().Single());
    }

    [TestMethod]
    public void AnIPv6ListenHasItsAddress()
    {
        var local = Raw.At("[2001:db8::1:2]:80");
        Handle.Tell(Happened(WinDivertEvent.SocketListen, local, default, flags: WinDivertAddressFlags.IPv6));
        Assert.AreEqual(new SocketEvent(SocketEventKind.Listen, 6, local, default, 77, 9, 1), Next().Single());
    }

    /// <summary>The driver may give no address at all for a wildcard; then only the flag tells the family.</summary>
    [TestMethod]
    [DataRow(WinDivertAddressFlags.None, "0.0.0.0:5000")]
    [DataRow(WinDivertAddressFlags.IPv6, "[::]:5000")]
    public void AWildcardBindWithoutAddressHasItsFamily(object flags, string local)
    {
        Handle.Tell(Happened(WinDivertEvent.SocketBind, new PacketEndpoint(0, 5000), default, flags: (WinDivertAddressFlags)flags));
        Assert.AreEqual((SocketEventKind.Bind, Raw.At(local), default(PacketEndpoint)), Next().Select(e => (e.Kind, e.Local, e.Remote)).Single());
    }

    [TestMethod]
    public void BothClosesAndTheSystemsConnectArePassedOnInOrder()
    {
        Handle.Tell(
            Happened(WinDivertEvent.SocketConnect, Client, Server, processId: 77),
            Happened(WinDivertEvent.SocketConnect, Client, Server, processId: 4),
            Happened(WinDivertEvent.NetworkPacket, Client, Server),
            Happened(WinDivertEvent.SocketClose, Client, Server),
            Happened(WinDivertEvent.SocketClose, Client, default));
        CollectionAssert.AreEqual(
            new[] { (SocketEventKind.Connect, 77), (SocketEventKind.Connect, 4), (SocketEventKind.Close, 77), (SocketEventKind.Close, 77) },
            Next(4).Select(e => (e.Kind, e.ProcessId)).ToArray());
    }

    [TestMethod]
    [Timeout(20_000, CooperativeCancellation = true)]
    public async Task ShutdownEndsTheWait()
    {
        var waiting = Task.Run(_events.Wait);
        _events.Shutdown();
        Assert.IsFalse(await waiting);
        Handle.Tell(Happened(WinDivertEvent.SocketConnect, Client, Server));
        Assert.IsFalse(_events.HasEvents);
        Assert.AreEqual(0, _events.Read(new SocketEvent[8]));
    }

    [TestMethod]
    public void ADriverThatFailsIsAnErrorOfTheWait()
    {
        Handle.FailReceive(31);
        Assert.Contains("(error 31)", Assert.ThrowsExactly<IOException>(() => _events.Wait()).Message);
    }

    [TestMethod]
    public void WithoutRoomBindsGoFirstAndAreCounted()
    {
        using var queue = new SocketEventQueue(4);
        foreach (var (kind, id) in new[] { (SocketEventKind.Bind, 1ul), (SocketEventKind.Listen, 2ul), (SocketEventKind.Bind, 3ul), (SocketEventKind.Close, 4ul), (SocketEventKind.Connect, 5ul) })
            queue.Add(new SocketEvent(kind, 6, Client, default, 1, id, 0));
        Assert.AreEqual((2L, 0L), (queue.LostBinds, queue.Lost));
        foreach (var id in new[] { 6ul, 7ul })
            queue.Add(new SocketEvent(SocketEventKind.Connect, 6, Client, default, 1, id, 0));
        Assert.AreEqual((2L, 1L), (queue.LostBinds, queue.Lost));
        var events = new SocketEvent[8];
        CollectionAssert.AreEqual(new[] { 4ul, 5ul, 6ul, 7ul }, events.Take(queue.Take(events)).Select(e => e.SocketId).ToArray());
        Assert.IsFalse(queue.Any);
    }

    private static WinDivertAddress Happened(
        WinDivertEvent kind, PacketEndpoint local, PacketEndpoint remote, uint processId = 77, long timestamp = 1, WinDivertAddressFlags flags = default) => new()
        {
            Layer = (byte)WinDivertLayer.Socket,
            Event = kind,
            Flags = flags | WinDivertAddressFlags.Sniffed,
            Timestamp = timestamp,
            EndpointId = 9,
            ProcessId = processId,
            LocalAddress = WinDivertIpAddress.From(local.Address),
            RemoteAddress = WinDivertIpAddress.From(remote.Address),
            LocalPort = local.Port,
            RemotePort = remote.Port,
            Protocol = 6,
        };

    private List<SocketEvent> Next(int wanted = 1)
    {
        var seen = new List<SocketEvent>();
        var events = new SocketEvent[8];
        while (seen.Count < wanted && _events.Wait())
            seen.AddRange(events.Take(_events.Read(events)));
        return seen;
    }
}
