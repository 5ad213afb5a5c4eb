using System.Runtime.CompilerServices;
using System.Runtime.Versioning;
using FwRedirect.Redirector.Diversion;
using FwRedirect.Redirector.Diversion.Windows;
using FwRedirect.Redirector.Diversion.Windows.Native;
using FwRedirect.Redirector.Packets;
using FwRedirect.Tests.Redirector.Packets;
using Microsoft.Extensions.Logging.Testing;
using Microsoft.Extensions.Time.Testing;
using static FwRedirect.Redirector.Diversion.Windows.Native.WinDivertAddressFlags;

namespace FwRedirect.Tests.Redirector.Diversion.Windows;

[TestClass]
[SupportedOSPlatform("windows")]
public sealed class WinDivertDiverterTests : IDisposable
{
    private static readonly PacketEndpoint Client = Raw.At("192.168.0.2:49152");
    private static readonly PacketEndpoint Server = Raw.At("131.107.0.21:21");

    private readonly FakeWinDivert _driver = new();
    private readonly FakeTimeProvider _time = new();
    private readonly FakeLogger<WinDivertDiverter> _logger = new();
    private readonly PacketBatch _batch = WinDivertDiverter.CreateBatch();
    private readonly WinDivertDiverter _diverter;

    public WinDivertDiverterTests() => _diverter = new WinDivertDiverter(_driver, "first", new WinDivertOptions(), _time, _logger);

    private FakeWinDivertHandle Handle => _driver.Handles[0];

    public void Dispose()
    {
        _diverter.Dispose();
        _batch.Dispose();
    }

    [TestMethod]
    public void PassedPacketsGoBackInOneCallAsTheyCame()
    {
        var packets = new[] { Arriving(1, Outbound), Arriving(2, Outbound | IpChecksum | Impostor), Arriving(3, IpChecksum | TcpChecksum | UdpChecksum) };
        Handle.Arrive(packets);
        Receive(3);
        Assert.AreEqual(PacketDirection.Outbound, _batch.Address(0).Direction);
        Assert.AreEqual(PacketDirection.Inbound, _batch.Address(2).Direction);
        Assert.AreEqual((12u, 1u, 1002L), (_batch.Address(1).InterfaceIndex, _batch.Address(1).SubInterfaceIndex, _batch.Address(1).Timestamp));
        _diverter.Complete(0, _batch);
        Assert.HasCount(1, Handle.Sent);
        for (var i = 0; i < packets.Length; i++)
            AssertSent(packets[i], i);
    }

    [TestMethod]
    public void WhatIsHeldOrDroppedIsLeftOutAndTheRestKeepsItsOrder()
    {
        var packets = Enumerable.Range(1, 6).Select(i => Arriving((byte)i, Outbound | Checksums, payload: i * 7)).ToArray();
        Handle.Arrive(packets);
        Receive(6);
        _batch.Verdict(1) = PacketVerdict.Drop;
        _batch.Verdict(2) = PacketVerdict.Rewritten;
        _batch.Packet(2)[^1] = 0xEE;
        _batch.Verdict(4) = PacketVerdict.Hold;
        _diverter.Complete(0, _batch);
        Assert.HasCount(1, Handle.Sent);
        packets[2].Packet[^1] = 0xEE;
        var left = new[] { packets[0], packets[2], packets[3], packets[5] };
        Assert.HasCount(4, Handle.SentPackets);
        for (var i = 0; i < left.Length; i++)
            AssertSent(left[i], i);
    }

    [TestMethod]
    public void ABatchWithNothingThatGoesOnIsNotSent()
    {
        Handle.Arrive(Arriving(1, Outbound));
        Receive(1);
        _batch.Verdict(0) = PacketVerdict.Hold;
        _diverter.Complete(0, _batch);
        Assert.IsEmpty(Handle.Sent);
    }

    /// <summary>The bit of the protocol that the packet is not of tells nothing; IPv6 has no header checksum that could be missing.</summary>
    [TestMethod]
    [DataRow("192.168.0.2:1", 6, (byte)(IpChecksum | UdpChecksum), ChecksumState.IpHeader)]
    [DataRow("192.168.0.2:1", 6, (byte)(IpChecksum | TcpChecksum), ChecksumState.Valid)]
    [DataRow("192.168.0.2:1", 6, (byte)TcpChecksum, ChecksumState.Transport)]
    [DataRow("192.168.0.2:1", 17, (byte)(IpChecksum | TcpChecksum), ChecksumState.IpHeader)]
    [DataRow("192.168.0.2:1", 17, (byte)(IpChecksum | UdpChecksum), ChecksumState.Valid)]
    [DataRow("192.168.0.2:1", 1, (byte)(IpChecksum | UdpChecksum), ChecksumState.IpHeader)]
    [DataRow("[2001:db8::2]:1", 6, (byte)(IPv6 | TcpChecksum), ChecksumState.Valid)]
    [DataRow("[2001:db8::2]:1", 6, (byte)IPv6, ChecksumState.IpHeader)]
    public void ChecksumBitsAreReadByProtocol(string source, int protocol, byte flags, ChecksumState expected)
    {
        var packet = Raw.Ip(Raw.At(source), Raw.At(source), (byte)protocol, new byte[20], -1, null);
        Handle.Arrive((packet, new WinDivertAddress { Flags = (WinDivertAddressFlags)flags }));
        Receive(1);
        Assert.AreEqual(expected, _batch.Address(0).Checksums);
    }

    [TestMethod]
    public void ARewrittenPacketHasAllItsChecksumBitsAndAPassedOneKeepsThem()
    {
        Handle.Arrive(Arriving(1, Outbound), Arriving(2, Outbound | IpChecksum));
        Receive(2);
        ref var address = ref _batch.Address(0);
        PacketEdit.SetDestination(_batch.Packet(0), Raw.At("192.168.0.1:6789"), ref address.Checksums);
        _batch.Verdict(0) = PacketVerdict.Rewritten;
        _diverter.Complete(0, _batch);
        Assert.AreEqual(Outbound | Checksums, Handle.SentPackets[0].Address.Flags);
        Assert.AreEqual(Outbound | IpChecksum, Handle.SentPackets[1].Address.Flags);
    }

    /// <summary>What LSO leaves to the card: far over a frame, up to 64 KiB.</summary>
    [TestMethod]
    public void APacketOf64KibibytesFitsAndCountsAsSegmented()
    {
        var large = (Raw.Tcp(Client, Server, TcpFlags.Ack, payload: new byte[65_535 - 40]), new WinDivertAddress { Flags = Outbound });
        Handle.Arrive(Arriving(1, Outbound), large, Arriving(2, Outbound));
        Receive(3);
        Assert.AreEqual((65_535, true, false), (_batch.Packet(1).Length, _batch.Address(1).Segmented, _batch.Address(2).Segmented));
        _diverter.Complete(0, _batch);
        AssertSent(large, 1);
    }

    [TestMethod]
    public void AHeldPacketLeavesWithTheAddressItCameWith()
    {
        var syn = Arriving(1, Outbound | Impostor | Checksums);
        Handle.Arrive(syn);
        Receive(1);
        _batch.Verdict(0) = PacketVerdict.Hold;
        var place = _batch.Address(0);
        _diverter.Complete(0, _batch);
        _diverter.Drop(place);
        Assert.IsEmpty(Handle.Sent);
        _diverter.Send(syn.Packet, place);
        AssertSent(syn, 0);
    }

    [TestMethod]
    public void AHeldPacketWithoutChecksumsLeavesWithThem()
    {
        var complete = Raw.Tcp(Client, Server, TcpFlags.Syn);
        var spoiled = complete.ToArray();
        Raw.Spoil(spoiled, ChecksumState.None);
        Handle.Arrive((spoiled, new WinDivertAddress { Flags = Outbound, Timestamp = 5 }));
        Receive(1);
        _diverter.Send(_batch.Packet(0), _batch.Address(0));
        AssertSent((complete, new WinDivertAddress { Flags = Outbound | Checksums, Timestamp = 5 }), 0);
    }

    /// <summary>The driver takes an inbound packet only for an interface that there is.</summary>
    [TestMethod]
    [DataRow("131.107.0.21:21", "192.168.0.2:49152", (byte)Impostor)]
    [DataRow("[2001:db8::21]:21", "[2001:db8::2]:49152", (byte)(Impostor | IPv6))]
    public void APacketOfOurOwnIsAnImpostorOnTheInterfaceOfItsFlow(string source, string destination, byte flags)
    {
        var reset = Raw.Tcp(Raw.At(source), Raw.At(destination), TcpFlags.Rst);
        _diverter.Send(reset, new DivertAddress { Direction = PacketDirection.Inbound, InterfaceIndex = 12, SubInterfaceIndex = 1 });
        _diverter.Send(reset, new DivertAddress { Direction = PacketDirection.Outbound });
        AssertSent((reset, new WinDivertAddress { Flags = (WinDivertAddressFlags)flags | Checksums, InterfaceIndex = 12, SubInterfaceIndex = 1 }), 0);
        AssertSent((reset, new WinDivertAddress { Flags = (WinDivertAddressFlags)flags | Outbound | Checksums }), 1);
    }

    /// <summary>The driver would compute no ICMP checksum.</summary>
    [TestMethod]
    public void AnIcmpErrorOfOurOwnIsComplete()
    {
        var icmp = Raw.Icmp(Server, Client, 3, 1, Raw.Tcp(Client, Server, TcpFlags.Syn).AsSpan(0, 28));
        var open = icmp.ToArray();
        open[22] = open[23] = 0;
        _diverter.Send(open, new DivertAddress { Direction = PacketDirection.Inbound, Checksums = ChecksumState.IpHeader });
        CollectionAssert.AreEqual(icmp, Handle.SentPackets[0].Packet);
    }

    [TestMethod]
    [DataRow(new byte[] { 0x45, 0, 0xFF, 0xFF })]
    [DataRow(new byte[] { 0x45, 0, 0, 19 })]
    [DataRow(new byte[] { 0x60, 0, 0, 0, 0xFF, 0xFF })]
    [DataRow(new byte[] { 0x10 })]
    public void FromAMalformedLengthOnTheBatchGoesAsItCame(byte[] start)
    {
        var good = Arriving(1, Outbound);
        byte[] rest = [.. start, .. new byte[60], .. Arriving(3, Outbound).Packet];
        var addresses = new[] { new WinDivertAddress { Timestamp = 2 }, new WinDivertAddress { Timestamp = 3 } };
        Handle.ArriveRaw([.. good.Packet, .. rest], [good.Address, .. addresses]);
        Receive(1);
        _diverter.Complete(0, _batch);
        Assert.HasCount(2, Handle.Sent);
        CollectionAssert.AreEqual(good.Packet, Handle.Sent[0].Bytes);
        CollectionAssert.AreEqual(rest, Handle.Sent[1].Bytes);
        CollectionAssert.AreEqual(addresses.SelectMany(Bytes).ToArray(), Handle.Sent[1].Addresses.SelectMany(Bytes).ToArray());

        // Nothing readable: it goes at once, and the next batch is waited for.
        Handle.ArriveRaw(rest, addresses);
        Handle.ArriveRaw([1, 2, 3], addresses[0]);
        Handle.Arrive(good);
        Receive(1);
        Assert.HasCount(4, Handle.Sent);
        Assert.AreEqual(3, _diverter.Health.Unreadable);
    }

    [TestMethod]
    public void APacketTooLongForTheBufferIsCountedAndReadingGoesOn()
    {
        Handle.FailReceive(WinDivertNative.InsufficientBuffer);
        Handle.Arrive(Arriving(1, Outbound));
        Receive(1);
        Assert.AreEqual(1, _diverter.Health.TooLong);
    }

    [TestMethod]
    public void AReadThatFailsOtherwiseIsAnError()
    {
        Handle.FailReceive(31);
        Assert.AreEqual(31, Assert.ThrowsExactly<WinDivertException>(() => _diverter.Receive(0, _batch)).Code);
    }

    [TestMethod]
    public void AfterShutdownWhatWaitsIsStillReadAndThenNoMore()
    {
        Handle.Arrive(Arriving(1, Outbound));
        Handle.Arrive(Arriving(2, Outbound));
        _diverter.Shutdown();
        Receive(1);
        Receive(1);
        Assert.IsFalse(_diverter.Receive(0, _batch));
        Assert.IsFalse(_diverter.Receive(0, _batch));
    }

    [TestMethod]
    public void AnotherFilterTakesOverWithoutAGap()
    {
        Handle.Arrive(Arriving(1, Outbound));
        Receive(1);
        Handle.Arrive(Arriving(2, Outbound));
        _diverter.ReplaceFilter("second");
        _diverter.ReplaceFilter("third");
        var (second, third) = (_driver.Handles[1], _driver.Handles[2]);
        CollectionAssert.AreEqual(new[] { "open first", "open second", "shut down first Receive", "open third", "shut down second Receive" }, _driver.Log);
        second.Arrive(Arriving(3, Outbound));
        third.Arrive(Arriving(4, Outbound));

        // Each batch goes back by the handle that it came from; new packets by the newest.
        _diverter.Complete(0, _batch);
        for (var packet = 2; packet <= 4; packet++)
        {
            Receive(1);
            Assert.AreEqual(packet, _batch.Packet(0)[^1]);
            _diverter.Complete(0, _batch);
        }

        _diverter.Send(Raw.Tcp(Server, Client, TcpFlags.Rst), new DivertAddress { InterfaceIndex = 12 });
        CollectionAssert.AreEqual(new[] { 2, 1, 2 }, _driver.Handles.Select(h => h.SentPackets.Count).ToArray());
        CollectionAssert.AreEqual(new[] { true, true, false }, _driver.Handles.Select(h => h.Closed).ToArray());
    }

    [TestMethod]
    public void AFilterThatTheDriverRefusesChangesNothing()
    {
        _driver.Refuse(87);
        Assert.ThrowsExactly<WinDivertException>(() => _diverter.ReplaceFilter("wrong"));
        Handle.Arrive(Arriving(1, Outbound));
        Receive(1);
        Assert.DoesNotContain("shut down first Receive", _driver.Log);
    }

    [TestMethod]
    public void ASendThatFailsIsCountedAndToldOnceAPeriod()
    {
        Handle.SendError = 1232;
        for (var i = 0; i < 3; i++)
        {
            Handle.Arrive(Arriving(1, Outbound), Arriving(2, Outbound));
            Receive(2);
            _diverter.Complete(0, _batch);
        }

        Assert.AreEqual((6L, 1232), (_diverter.Health.Unsent, _diverter.Health.LastSendError));
        Assert.ContainsSingle(line => line.Id.Id == 342 && line.Message.Contains("time to live", StringComparison.Ordinal), _logger.Collector.GetSnapshot());
        _time.Advance(TimeSpan.FromSeconds(11));
        _diverter.Send(Raw.Tcp(Server, Client, TcpFlags.Rst), new DivertAddress { InterfaceIndex = 12 });
        Assert.AreEqual(2, _logger.Collector.GetSnapshot().Count(line => line.Id.Id == 342));
    }

    [TestMethod]
    public void APacketThatWaitedLongIsWarnedOfOnceAPeriod()
    {
        ArriveAged(TimeSpan.FromMilliseconds(499));
        Assert.DoesNotContain(line => line.Id.Id == 341, _logger.Collector.GetSnapshot());
        ArriveAged(TimeSpan.FromMilliseconds(501));
        ArriveAged(TimeSpan.FromMilliseconds(800));
        Assert.ContainsSingle(line => line.Id.Id == 341, _logger.Collector.GetSnapshot());
        Assert.AreEqual(TimeSpan.FromMilliseconds(800), _diverter.Health.Ages.Max);
    }

    [TestMethod]
    public void DisposedTwiceItIsClosedOnceAndSendsNothing()
    {
        _diverter.Dispose();
        _diverter.Dispose();
        _diverter.Send(Raw.Tcp(Server, Client, TcpFlags.Rst), new DivertAddress { InterfaceIndex = 12 });
        Assert.IsFalse(_diverter.Receive(0, _batch));
        Assert.ContainsSingle(line => line == "close first", _driver.Log);
        Assert.IsEmpty(Handle.Sent);
        Assert.AreEqual(0, _diverter.Health.Unsent);
    }

    [TestMethod]
    public void ADriverThatRefusesIsAnErrorOfTheStart()
    {
        _driver.Refuse(577);
        var failure = Assert.ThrowsExactly<WinDivertException>(() => new WinDivertDiverter(_driver, "x", new WinDivertOptions(), _time));
        Assert.Contains("signature", failure.Message);
    }

    /// <summary>A packet, marked by its last byte, and what the driver says of it.</summary>
    private static (byte[] Packet, WinDivertAddress Address) Arriving(byte mark, WinDivertAddressFlags flags, int payload = 1)
    {
        var data = new byte[payload];
        data[^1] = mark;
        return (Raw.Tcp(Client, Server, TcpFlags.Ack, payload: data),
            new WinDivertAddress { Flags = flags, Timestamp = 1000 + mark, InterfaceIndex = 12, SubInterfaceIndex = 1 });
    }

    private void ArriveAged(TimeSpan age)
    {
        var (packet, address) = Arriving(1, Outbound);
        address.Timestamp = _time.GetTimestamp() - age.Ticks;
        Handle.Arrive((packet, address));
        Receive(1);
    }

    private void Receive(int count)
    {
        Assert.IsTrue(_diverter.Receive(0, _batch));
        Assert.AreEqual(count, _batch.Count);
    }

    private void AssertSent((byte[] Packet, WinDivertAddress Address) expected, int index)
    {
        var sent = Handle.SentPackets[index];
        CollectionAssert.AreEqual(expected.Packet, sent.Packet);
        Assert.IsTrue(Bytes(expected.Address).SequenceEqual(Bytes(sent.Address)), $"address of {index}: {sent.Address.Flags}");
    }

    private static byte[] Bytes(WinDivertAddress address)
    {
        var bytes = new byte[Unsafe.SizeOf<WinDivertAddress>()];
        Unsafe.WriteUnaligned(ref bytes[0], address);
        return bytes;
    }
}
