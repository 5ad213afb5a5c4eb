using System.Runtime.Versioning;
using FwRedirect.Redirector.Diversion.Windows.Native;
using FwRedirect.Redirector.Packets;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace FwRedirect.Redirector.Diversion.Windows;

/// <summary>
/// Packets through one NETWORK handle of WinDivert, which keeps the order within a flow. The driver knows no verdicts: a captured packet is gone from the stack until it is sent
/// again, so what is held or dropped is just not sent. Closing the handle lets what still waits go on as it came.
/// </summary>
[SupportedOSPlatform("windows")]
internal sealed unsafe class WinDivertDiverter : IPacketDiverter
{
    /// <summary>More than a batch of full frames, and a 64-KiB packet always fits.</summary>
    private const int BatchMemory = 1 << 20;

    private readonly IWinDivertDriver _driver;
    private readonly WinDivertOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;

    /// <summary>The driver's addresses of the batch in hand; not moved by the collector, since a read waits in the kernel for long.</summary>
    private readonly WinDivertAddress[] _addresses = GC.AllocateArray<WinDivertAddress>(WinDivertNative.LargestBatch, pinned: true);

    private readonly Lock _gate = new();

    /// <summary>Handles with newer filters, which the reader takes up once it has emptied the one before.</summary>
    private readonly Queue<IWinDivertHandle> _successors = new();

    private IWinDivertHandle _reading;
    private volatile IWinDivertHandle _sending;
    private volatile bool _ended;
    private volatile bool _disposed;

    // What follows a packet of the batch in hand whose length can not be read.
    private int _restOffset;
    private int _restLength;
    private int _restFirst;
    private int _restCount;

    /// <summary>From here on what the filter matches waits to be received.</summary>
    /// <exception cref="WinDivertException">The driver refuses; the message is for an operator.</exception>
    public WinDivertDiverter(IWinDivertDriver driver, string filter, WinDivertOptions options, TimeProvider time, ILogger<WinDivertDiverter>? logger = null)
    {
        _driver = driver;
        _options = options;
        _time = time;
        _logger = logger ?? NullLogger<WinDivertDiverter>.Instance;
        Health = new WinDivertHealth(options, time, _logger);
        try
        {
            _reading = _sending = Open(filter);
        }
        catch
        {
            Health.Dispose();
            throw;
        }
    }

    public int QueueCount => 1;

    public WinDivertHealth Health { get; }

    public static PacketBatch CreateBatch() => new(WinDivertNative.LargestBatch, BatchMemory);

    public bool Receive(int queue, PacketBatch batch)
    {
        batch.Clear();
        while (true)
        {
            var addresses = _addresses.AsSpan(0, Math.Min(_addresses.Length, batch.Capacity));
            if (_reading.Receive(new Span<byte>(batch.Buffer, batch.BufferSize), addresses, out var length, out var count, out var error))
            {
                Read(batch, length, count);
                if (batch.Count > 0)
                    return true;
                SendRest(batch);
            }
            else if (error == WinDivertNative.InsufficientBuffer)
            {
                Health.PacketTooLong();
            }
            else if (!MoveOn())
            {
                return _ended ? false : throw new WinDivertException(error, "packets could not be read");
            }
        }
    }

    /// <summary>One send for all that goes on: the packets close ranks over what is held or dropped, in their order.</summary>
    public void Complete(int queue, PacketBatch batch)
    {
        var length = 0;
        var count = 0;
        for (var i = 0; i < batch.Count; i++)
        {
            var verdict = batch.Verdict(i);
            if (verdict is PacketVerdict.Drop or PacketVerdict.Hold)
                continue;
            if (verdict == PacketVerdict.Rewritten)
                _addresses[i].Flags = PacketAddresses.WithChecksums(_addresses[i].Flags, batch.Address(i).Checksums);
            var packet = batch.Packet(i);
            if (count < i)
                packet.CopyTo(new Span<byte>(batch.Buffer + length, packet.Length));
            _addresses[count++] = _addresses[i];
            length += packet.Length;
        }

        if (count > 0)
            Send(_reading, new ReadOnlySpan<byte>(batch.Buffer, length), _addresses.AsSpan(0, count));
        SendRest(batch);
    }

    public void Send(ReadOnlySpan<byte> packet, in DivertAddress address)
    {
        if (_disposed || packet.IsEmpty)
            return;
        if ((address.Checksums & ChecksumState.Valid) == ChecksumState.Valid)
        {
            SendOne(packet, address);
            return;
        }

        // By us and not by the driver, which would leave ICMP as it is. Rare and small: held SYNs, DNS answers, RST and ICMP. A held packet of a bulk flow may have 64 KB.
        var copy = packet.Length <= 2048 ? stackalloc byte[packet.Length] : new byte[packet.Length];
        packet.CopyTo(copy);
        var completed = address;
        PacketEdit.Complete(copy, new PacketView(copy), ref completed.Checksums);
        SendOne(copy, completed);
    }

    /// <summary>Nothing: the driver has let go of a held packet when it was read.</summary>
    public void Drop(in DivertAddress address)
    {
    }

    /// <summary>
    /// Diverts by another filter from here on. The new handle is open before the old one takes no more, and the reader empties the old one first: no packet slips by, none is lost,
    /// none is seen twice (the newer handle is above, and what the older one sends never comes up to it).
    /// </summary>
    /// <exception cref="WinDivertException">The driver refuses; the old filter holds on.</exception>
    public void ReplaceFilter(string filter)
    {
        lock (_gate)
        {
            if (_ended)
                return;
            var next = Open(filter);
            _successors.Enqueue(next);
            // In this order: what the newer, upper handle sends would be offered to the old one.
            _sending.Shutdown(WinDivertShutdown.Receive);
            _sending = next;
        }
    }

    public void Shutdown()
    {
        lock (_gate)
        {
            _ended = true;
            _reading.Shutdown(WinDivertShutdown.Receive);
            foreach (var handle in _successors)
                handle.Shutdown(WinDivertShutdown.Receive);
        }
    }

    public void Dispose()
    {
        lock (_gate)
        {
            if (_disposed)
                return;
            _disposed = _ended = true;
            _reading.Dispose();
            while (_successors.TryDequeue(out var handle))
                handle.Dispose();
            Health.Dispose();
        }
    }

    private IWinDivertHandle Open(string filter)
    {
        var handle = WinDivertOpening.Open(_driver, filter, WinDivertLayer.Network, WinDivertPriorities.Network, WinDivertOpenFlags.None, _options, _time);
        WinDivertLog.Diverting(_logger, filter);
        return handle;
    }

    /// <summary>To the handle of the next filter, where there is one: the old one is empty and closes.</summary>
    private bool MoveOn()
    {
        lock (_gate)
        {
            if (!_successors.TryDequeue(out var next))
                return false;
            _reading.Dispose();
            _reading = next;
            return true;
        }
    }

    private void Read(PacketBatch batch, int length, int count)
    {
        var packets = new ReadOnlySpan<byte>(batch.Buffer, length);
        var now = _time.GetTimestamp();
        var offset = 0;
        _restCount = 0;
        for (var i = 0; i < count; i++)
        {
            var size = PacketLengths.First(packets[offset..]);
            if (size == 0)
            {
                (_restOffset, _restLength, _restFirst, _restCount) = (offset, length - offset, i, count - i);
                Health.UnreadableLength();
                return;
            }

            Health.Received(_addresses[i].Timestamp, now);
            batch.Add(offset, size, PacketAddresses.FromDriver(_addresses[i], packets.Slice(offset, size)));
            offset += size;
        }
    }

    private void SendRest(PacketBatch batch)
    {
        if (_restCount > 0)
            Send(_reading, new ReadOnlySpan<byte>(batch.Buffer + _restOffset, _restLength), _addresses.AsSpan(_restFirst, _restCount));
        _restCount = 0;
    }

    private void SendOne(ReadOnlySpan<byte> packet, in DivertAddress address)
    {
        var driver = PacketAddresses.ToDriver(address, packet);
        Send(_sending, packet, new ReadOnlySpan<WinDivertAddress>(in driver));
    }

    /// <summary>Nothing that a send meets ends the reading of packets.</summary>
    private void Send(IWinDivertHandle handle, ReadOnlySpan<byte> packets, ReadOnlySpan<WinDivertAddress> addresses)
    {
        if (handle.Send(packets, addresses, out var error))
            return;
        // The filter was replaced between the look at the field and the call.
        if (error == WinDivertNative.InvalidHandle && handle != _sending && _sending.Send(packets, addresses, out error))
            return;
        if (!_disposed)
            Health.NotSent(error, addresses.Length);
    }
}
