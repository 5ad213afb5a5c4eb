using System.Net;
using FwRedirect.ControlChannel.Messages;

namespace FwRedirect.Tests.Diagnostics.Decoding;

[TestClass]
public sealed class ReassemblyTests
{
    private const string Client = "192.168.0.2:1423", Firewall = "192.168.0.1:1745";
    private const string First = "RWS:0x10000 Get host by name('a.contoso.com') from ftp.exe", Second = "RWS:0x20000 Get host by name('b.contoso.com') from ftp.exe";
    private const string Third = "RWS:0x30000 Get host by name('c.contoso.com') from ftp.exe";

    private static readonly byte[] A = Lookup("a.contoso.com", 0x10000), B = Lookup("b.contoso.com", 0x20000), C = Lookup("c.contoso.com", 0x30000);

    [TestMethod]
    public void SeveralMessagesInOneSegmentAreALineEach()
    {
        var trace = Begun();
        trace.Segment(Client, Firewall, [.. A, .. B]);
        CollectionAssert.AreEqual(new[] { First, Second }, trace.Descriptions()[3..]);
    }

    [TestMethod]
    public void OneMessageInManySegmentsIsPrintedWithItsLast()
    {
        var trace = Begun();
        foreach (var value in A)
            trace.Segment(Client, Firewall, [value]);
        var lines = trace.Descriptions()[3..];
        Assert.HasCount(A.Length, lines);
        Assert.AreEqual("TCP:Flags=...AP..., SrcPort=1423, DstPort=1745, Len=1", lines[0]);
        Assert.AreEqual(First, lines[^1]);
    }

    [TestMethod]
    public void SegmentsOutOfOrderArePutInOrder()
    {
        var trace = Begun();
        var early = trace.Segment(Client, Firewall, [.. A, .. B.AsSpan(0, 10)], write: false);
        var late = trace.Segment(Client, Firewall, B.AsSpan(10), write: false);
        trace.Raw(late);
        trace.Raw(early);
        CollectionAssert.AreEqual(
            new[] { $"TCP:Flags=...AP..., SrcPort=1423, DstPort=1745, Len={B.Length - 10}", First, Second }, trace.Descriptions()[3..]);
    }

    [TestMethod]
    public void RetransmissionsAreMarkedAndNotReadTwice()
    {
        var trace = Begun();
        trace.Raw(trace.Segment(Client, Firewall, A));
        CollectionAssert.AreEqual(
            new[] { First, $"TCP:[ReTransmit]Flags=...AP..., SrcPort=1423, DstPort=1745, Len={A.Length}" }, trace.Descriptions()[3..]);
    }

    [TestMethod]
    public void ASynComesTwiceAndANewConnectionOfTheSamePortsBeginsAfresh()
    {
        var trace = Begun();
        IPEndPoint client = IPEndPoint.Parse(Client), firewall = IPEndPoint.Parse(Firewall);
        trace.Raw(PacketBytes.Tcp(client, firewall, 70_000, 0, PacketBytes.Syn));
        trace.Raw(PacketBytes.Tcp(client, firewall, 70_000, 0, PacketBytes.Syn));
        trace.Raw(PacketBytes.Tcp(client, firewall, 70_001, 1, PacketBytes.Ack, A));
        CollectionAssert.AreEqual(new[]
        {
            "TCP:Flags=......S., SrcPort=1423, DstPort=1745", "TCP:[ReTransmit]Flags=......S., SrcPort=1423, DstPort=1745", First,
        }, trace.Descriptions()[3..]);
    }

    [TestMethod]
    public void ACaptureThatBeginsInsideAMessageFindsTheNext()
    {
        var trace = new TraceBuilder();
        trace.Segment(Client, Firewall, A.AsSpan(20));
        trace.Segment(Client, Firewall, [.. A.AsSpan(30), .. B]);
        trace.Segment(Client, Firewall, C);
        CollectionAssert.AreEqual(new[] { Second, Third }, trace.Descriptions()[1..]);
    }

    [TestMethod]
    public void WhatTheCaptureLostIsSteppedOverOnceTheReceiverHasIt()
    {
        var trace = Begun();
        trace.Segment(Client, Firewall, A, write: false);
        trace.Segment(Client, Firewall, B);
        trace.Segment(Firewall, Client, [], PacketBytes.Ack);
        trace.Segment(Client, Firewall, C);
        CollectionAssert.AreEqual(new[] { Second, Third }, trace.Descriptions()[5..]);
    }

    [TestMethod]
    public void ASegmentCutByTheSnapLengthIsAGap()
    {
        var trace = Begun();
        trace.Raw(trace.Segment(Client, Firewall, A, write: false), captured: 60);
        trace.Segment(Client, Firewall, B);
        CollectionAssert.AreEqual(new[] { $"TCP:Flags=...AP..., SrcPort=1423, DstPort=1745, Len={A.Length}", Second }, trace.Descriptions()[3..]);
    }

    [TestMethod]
    public void ADamagedMessageIsNamedAndTheNextIsRead()
    {
        var trace = Begun();
        var damaged = A.ToArray();
        damaged[14] = 0xEE;
        trace.Segment(Client, Firewall, [.. damaged, .. B]);
        var lines = trace.Descriptions()[3..];
        Assert.StartsWith("RWS:Damaged packet; ", lines[0]);
        Assert.AreEqual(Second, lines[1]);
    }

    [TestMethod]
    public void AnotherControlPortIsReadWhenNamed()
    {
        var trace = new TraceBuilder();
        trace.Segment("192.168.0.2:1423", "192.168.0.1:8745", A);
        Assert.AreEqual(First, trace.Descriptions(new(new HashSet<int> { 1745, 8745 }, ShowPasswords: false)).Single());
        Assert.StartsWith("TCP:", trace.Descriptions().Single());
    }

    private static TraceBuilder Begun()
    {
        var trace = new TraceBuilder();
        trace.Handshake(Client, Firewall);
        return trace;
    }

    private static byte[] Lookup(string name, uint id) =>
        RwsPacket.ToArray(new GetHostByName(name) { Id = new ObjectId(id), Application = "ftp.exe" });
}
