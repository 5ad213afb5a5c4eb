using System.Collections.Concurrent;
using System.Threading.Channels;
using FwRedirect.Redirector.Diversion;
using FwRedirect.Redirector.Packets;

namespace FwRedirect.Tests.Redirector.Service;

/// <summary>A diverter whose packets the test brings one by one; what is sent and dropped comes back to the test.</summary>
internal sealed class FakeDiverter(Action<string> log) : IPacketDiverter
{
    private readonly BlockingCollection<(byte[] Packet, DivertAddress Address)> _arriving = [];
    private readonly Channel<(PacketVerdict Verdict, byte[] Packet)> _verdicts = Channel.CreateUnbounded<(PacketVerdict, byte[])>();
    private readonly Channel<(byte[] Packet, DivertAddress Address)> _sent = Channel.CreateUnbounded<(byte[], DivertAddress)>();
    private readonly Channel<ulong> _dropped = Channel.CreateUnbounded<ulong>();
    private ulong _lastId;

    public int QueueCount => 1;

    /// <summary>A packet arrives; its verdict, and its bytes as they go on.</summary>
    public async Task<(PacketVerdict Verdict, byte[] Packet)> TakeAsync(byte[] packet, PacketDirection direction = PacketDirection.Outbound, uint onInterface = 7)
    {
        _arriving.Add((packet, new DivertAddress
        {
            Id = ++_lastId,
            InterfaceIndex = onInterface,
            SubInterfaceIndex = 3,
            Direction = direction,
            Checksums = ChecksumState.Valid,
        }));
        return await Next(_verdicts);
    }

    /// <summary>The diverter's id of the packet that arrived last.</summary>
    public ulong LastId => _lastId;

    public Task<(byte[] Packet, DivertAddress Address)> SentAsync() => Next(_sent);

    public Task<ulong> DroppedAsync() => Next(_dropped);

    public bool Receive(int queue, PacketBatch batch)
    {
        batch.Clear();
        if (!_arriving.TryTake(out var arrived, Timeout.Infinite))
            return false;
        batch.Add(0, arrived.Packet.Length, arrived.Address);
        arrived.Packet.CopyTo(batch.Packet(0));
        return true;
    }

    public void Complete(int queue, PacketBatch batch) => _verdicts.Writer.TryWrite((batch.Verdict(0), batch.Packet(0).ToArray()));

    public void Send(ReadOnlySpan<byte> packet, in DivertAddress address)
    {
        log("send");
        _sent.Writer.TryWrite((packet.ToArray(), address));
    }

    public void Drop(in DivertAddress address)
    {
        log("drop");
        _dropped.Writer.TryWrite(address.Id);
    }

    public void Shutdown()
    {
        log("shut down diverter");
        _arriving.CompleteAdding();
    }

    public void Dispose()
    {
        log("close diverter");
        _arriving.Dispose();
    }

    private static Task<T> Next<T>(Channel<T> channel) => channel.Reader.ReadAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(20));
}
