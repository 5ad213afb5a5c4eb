using FwRedirect.Redirector.Diversion;
using FwRedirect.Redirector.Packets;
using FwRedirect.Tests.Redirector.Packets;
using static FwRedirect.Tests.Redirector.Engine.EngineFixture;

namespace FwRedirect.Tests.Redirector.Engine;

/// <summary>What was left to the network card is computed in full, each field for itself; what was valid is updated. The size is never touched.</summary>
[TestClass]
public sealed class ChecksumTests
{
    private readonly EngineFixture _fixture = new();

    [TestMethod]
    [DataRow(ChecksumState.Valid, 100)]
    [DataRow(ChecksumState.IpHeader, 100)]
    [DataRow(ChecksumState.Transport, 100)]
    [DataRow(ChecksumState.None, 100)]
    [DataRow(ChecksumState.IpHeader, 65_000)]
    [DataRow(ChecksumState.None, 65_495)]
    public void EachFieldIsTrueAfterwards(ChecksumState state, int payload)
    {
        _fixture.Establish();
        var data = new byte[payload];
        Random.Shared.NextBytes(data);
        Check(Raw.Tcp(Client, Peer, TcpFlags.Ack, 1001, 5001, data), Raw.Tcp(Client, Inside, TcpFlags.Ack, 1001, 5001, data), PacketDirection.Outbound, state);
        Check(Raw.Tcp(Inside, Client, TcpFlags.Ack, 5001, 1001, data), Raw.Tcp(Peer, Client, TcpFlags.Ack, 5001, 1001, data), PacketDirection.Inbound, state);
    }

    [TestMethod]
    [DataRow(ChecksumState.IpHeader)]
    [DataRow(ChecksumState.None)]
    public void TheHeldSynIsCompletedToo(ChecksumState state)
    {
        var syn = Syn();
        Raw.Spoil(syn, state);
        var address = _fixture.Address(PacketDirection.Outbound) with { Checksums = state };
        Assert.AreEqual(PacketVerdict.Hold, _fixture.Engine.Decide(syn, ref address, _fixture.Now, _fixture.Actions));
        Assert.IsTrue(_fixture.Engine.Connected(_fixture.Take().Single().Flow!, Inside, Client, _fixture.Now, _fixture.Actions));
        var released = _fixture.Take().Single();
        CollectionAssert.AreEqual(Syn(peer: Inside), released.Packet);
        Assert.AreEqual(ChecksumState.Valid, released.Address.Checksums);
    }

    /// <summary>Its checksums stay somebody else's business: whoever sends it computes them.</summary>
    [TestMethod]
    public void ASynThatGoesDirectKeepsWhatItSaidOfItsChecksums()
    {
        var syn = Syn();
        Raw.Spoil(syn, ChecksumState.None);
        var address = _fixture.Address(PacketDirection.Outbound) with { Checksums = ChecksumState.None };
        _fixture.Engine.Decide(syn, ref address, _fixture.Now, _fixture.Actions);
        _fixture.Engine.PassUnchanged(_fixture.Take().Single().Flow!, _fixture.Actions);
        var released = _fixture.Take()[0];
        CollectionAssert.AreEqual(syn, released.Packet);
        Assert.AreEqual(ChecksumState.None, released.Address.Checksums);
    }

    private void Check(byte[] packet, byte[] expected, PacketDirection direction, ChecksumState state)
    {
        Raw.Spoil(packet, state);
        // Behind the packet lies the next one of the batch.
        byte[] batch = [.. packet, 0xAA, 0xBB];
        var address = _fixture.Address(direction) with { Checksums = state };
        Assert.IsTrue(_fixture.Engine.TryTranslate(batch.AsSpan(0, packet.Length), ref address, _fixture.Now, out var verdict));
        Rewritten(verdict);
        Assert.AreEqual(ChecksumState.Valid, address.Checksums);
        CollectionAssert.AreEqual((byte[])[.. expected, 0xAA, 0xBB], batch);
    }
}
