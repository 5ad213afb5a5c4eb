using System.Buffers.Binary;
using System.Net;
using System.Runtime.Versioning;
using FwRedirect.Redirector.Packets;
using FwRedirect.Redirector.Processes.Windows.Native;
using FwRedirect.Tests.Redirector.Packets;

namespace FwRedirect.Tests.Redirector.Processes.Windows.Native;

/// <summary>Tables as iphlpapi writes them, byte by byte: the row layouts are those of tcpmib.h and udpmib.h.</summary>
[TestClass]
[SupportedOSPlatform("windows")]
public sealed class SocketTableLayoutTests
{
    private static readonly PacketEndpoint Local = Raw.At("192.168.0.2:1515");
    private static readonly PacketEndpoint Peer = Raw.At("131.107.0.21:21");
    private static readonly PacketEndpoint Local6 = Raw.At("[fd00::2]:1515");
    private static readonly PacketEndpoint Peer6 = Raw.At("[2001:db8::21]:21");

    [TestMethod]
    public void ATcpConnectionIsFoundByBothItsEnds()
    {
        var table = Table(24, Row4(200, "131.107.0.22", 21), Row4(100, "131.107.0.21", 21));
        Assert.AreEqual(100, SocketTableLayout.Tcp4.FindOwner(table, Local, Peer));
        Assert.AreEqual(0, SocketTableLayout.Tcp4.FindOwner(table, Local, Raw.At("131.107.0.21:22")));
        Assert.AreEqual(0, SocketTableLayout.Tcp4.FindOwner(table, Raw.At("192.168.0.2:1516"), Peer));
        Assert.AreEqual(0, SocketTableLayout.Tcp4.FindOwner(table, Raw.At("192.168.0.3:1515"), Peer));
    }

    [TestMethod]
    public void ATcpConnectionOverIPv6IsFoundByBothItsEnds()
    {
        var row = new byte[56];
        IPAddress.Parse("fd00::2").GetAddressBytes().CopyTo(row, 0);
        BinaryPrimitives.WriteUInt16BigEndian(row.AsSpan(20), 1515);
        IPAddress.Parse("2001:db8::21").GetAddressBytes().CopyTo(row, 24);
        BinaryPrimitives.WriteUInt16BigEndian(row.AsSpan(44), 21);
        BinaryPrimitives.WriteInt32LittleEndian(row.AsSpan(52), 100);
        var table = Table(56, new byte[56], row);
        Assert.AreEqual(100, SocketTableLayout.Tcp6.FindOwner(table, Local6, Peer6));
        Assert.AreEqual(0, SocketTableLayout.Tcp6.FindOwner(table, Local6, Local6));
    }

    [TestMethod]
    public void AUdpSocketWithTheVeryAddressGoesBeforeOneOnAllAddresses()
    {
        var all = Udp4(200, "0.0.0.0", 1515);
        Assert.AreEqual(200, SocketTableLayout.Udp4.FindOwner(Table(12, all), Local, Peer));
        Assert.AreEqual(100, SocketTableLayout.Udp4.FindOwner(Table(12, Udp4(100, "192.168.0.2", 1515), all), Local, Peer));
        Assert.AreEqual(0, SocketTableLayout.Udp4.FindOwner(Table(12, Udp4(100, "192.168.0.9", 1515), Udp4(100, "0.0.0.0", 1516)), Local, Peer));
    }

    [TestMethod]
    public void AUdpSocketOverIPv6IsFound()
    {
        var row = new byte[28];
        BinaryPrimitives.WriteUInt16BigEndian(row.AsSpan(20), 1515);
        BinaryPrimitives.WriteInt32LittleEndian(row.AsSpan(24), 100);
        Assert.AreEqual(100, SocketTableLayout.Udp6.FindOwner(Table(28, row), Local6, Peer6));
        // ::, which takes IPv4 too.
        Assert.AreEqual(100, SocketTableLayout.Udp6.FindOwner(Table(28, row), Local, Peer));
    }

    [TestMethod]
    public void ATableThatIsCutOffIsReadAsFarAsItGoes()
    {
        var table = Table(24, Row4(100, "131.107.0.21", 21));
        BinaryPrimitives.WriteUInt32LittleEndian(table, uint.MaxValue);
        Assert.AreEqual(100, SocketTableLayout.Tcp4.FindOwner(table, Local, Peer));
        for (var length = 0; length < table.Length; length++)
            Assert.AreEqual(0, SocketTableLayout.Tcp4.FindOwner(table.AsSpan(0, length), Local, Peer));
    }

    private static byte[] Row4(int owner, string peer, ushort port)
    {
        var row = new byte[24];
        BinaryPrimitives.WriteUInt32LittleEndian(row, 3); // SYN_SENT
        IPAddress.Parse("192.168.0.2").GetAddressBytes().CopyTo(row, 4);
        BinaryPrimitives.WriteUInt16BigEndian(row.AsSpan(8), 1515);
        IPAddress.Parse(peer).GetAddressBytes().CopyTo(row, 12);
        BinaryPrimitives.WriteUInt16BigEndian(row.AsSpan(16), port);
        BinaryPrimitives.WriteInt32LittleEndian(row.AsSpan(20), owner);
        return row;
    }

    private static byte[] Udp4(int owner, string address, ushort port)
    {
        var row = new byte[12];
        IPAddress.Parse(address).GetAddressBytes().CopyTo(row, 0);
        BinaryPrimitives.WriteUInt16BigEndian(row.AsSpan(4), port);
        BinaryPrimitives.WriteInt32LittleEndian(row.AsSpan(8), owner);
        return row;
    }

    private static byte[] Table(int rowSize, params byte[][] rows)
    {
        var table = new byte[4 + (rowSize * rows.Length)];
        BinaryPrimitives.WriteInt32LittleEndian(table, rows.Length);
        for (var i = 0; i < rows.Length; i++)
            rows[i].CopyTo(table, 4 + (i * rowSize));
        return table;
    }
}
