using System.Runtime.Versioning;
using FwRedirect.Redirector.Diversion;
using FwRedirect.Redirector.Packets;
using FwRedirect.Redirector.Processes.Windows;
using Microsoft.Extensions.Time.Testing;

namespace FwRedirect.Tests.Redirector.Processes.Windows;

[TestClass]
[SupportedOSPlatform("windows")]
public sealed class ObservedSocketsTests
{
    [TestMethod]
    public void TheTableHasABoundAndTheOldestGo()
    {
        var sockets = new ObservedSockets(new FakeTimeProvider());
        const int Many = ProcessLookupLimits.Sockets + 10;
        for (var i = 0; i < Many; i++)
            sockets.Take(new SocketEvent(SocketEventKind.Connect, IpProtocol.Tcp, Local(i), Peer(i), 100, (ulong)i + 1, i));

        Assert.IsLessThanOrEqualTo(ProcessLookupLimits.Sockets, sockets.Count);
        Assert.IsLessThanOrEqualTo(ProcessLookupLimits.Sockets, sockets.Connections);
        Assert.IsGreaterThan(ProcessLookupLimits.Sockets / 2, sockets.Count);
        Assert.IsNull(sockets.FindConnection(IpProtocol.Tcp, Local(0), Peer(0)));
        Assert.AreEqual(100, sockets.FindConnection(IpProtocol.Tcp, Local(Many - 1), Peer(Many - 1))?.ProcessId);
    }

    [TestMethod]
    public void PeersOfOneUdpSocketHaveABoundToo()
    {
        var sockets = new ObservedSockets(new FakeTimeProvider());
        for (var i = 0; i < ProcessLookupLimits.Sockets + 10; i++)
            sockets.Take(new SocketEvent(SocketEventKind.Connect, IpProtocol.Udp, Local(1515), Peer(i), 100, 1, i));
        Assert.AreEqual(1, sockets.Count);
        Assert.IsLessThanOrEqualTo(ProcessLookupLimits.Sockets, sockets.Connections);
    }

    [TestMethod]
    public void AnEventThatNamesNoProcessTellsNothing()
    {
        var sockets = new ObservedSockets(new FakeTimeProvider());
        sockets.Take(new SocketEvent(SocketEventKind.Connect, IpProtocol.Tcp, Local(1), Peer(1), 0, 1, 0));
        Assert.AreEqual(0, sockets.Count);
    }

    private static PacketEndpoint Local(int number) => PacketEndpoint.FromIPv4(0xC0A8_0000u + (uint)(number >> 16), (ushort)number);

    private static PacketEndpoint Peer(int number) => PacketEndpoint.FromIPv4(0x836B_0000u + (uint)number, 80);
}
