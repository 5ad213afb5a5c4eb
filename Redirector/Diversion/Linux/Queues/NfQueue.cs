using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Versioning;
using FwRedirect.Redirector.Diversion.Linux.Native;
using FwRedirect.Redirector.Packets;

namespace FwRedirect.Redirector.Diversion.Linux.Queues;

/// <summary>One netfilter queue on a netlink socket of its own: packets in, verdicts out. Received by one thread; verdicts from any.</summary>
[SupportedOSPlatform("linux")]
internal sealed unsafe class NfQueue : IDisposable
{
    /// <summary>Largest payload that a 16-bit attribute length can hold, and room for the attributes before it.</summary>
    public const int SlotSize = 65_536 + 512;

    private const int LargestPayload = ushort.MaxValue - 4;

    /// <summary>Packets of one receive call and one packed send; measured with 32, and more only makes the first wait for the last.</summary>
    public const int LargestBatch = 32;

    /// <summary>lo has the number 1 in every network namespace (LOOPBACK_IFINDEX of the kernel).</summary>
    private const uint LoopbackInterface = 1;

    private readonly NetlinkSocket _socket;
    private readonly NfQueueOptions _options;
    private readonly NfQueueCounters _counters;
    private readonly TimeProvider _time;
    private readonly RawInjector _injector;
    private readonly WakeableWait _wait = new();
    private readonly PacketDirection _direction;
    private readonly ushort _number;
    private readonly ulong _idPrefix;
    private readonly Libc.MultiMessage* _messages;
    private readonly Libc.IoVector* _vectors;
    private readonly byte* _heads;
    private readonly Libc.IoVector* _verdictVectors;
    private readonly Lock _gate = new();
    private uint _lastId;
    private bool _disposed;

    public NfQueue(int index, PacketDirection direction, NfQueueOptions options, NfQueueCounters counters, RawInjector injector, TimeProvider time)
    {
        _injector = injector;
        _direction = direction;
        _options = options;
        _counters = counters;
        _time = time;
        _number = direction == PacketDirection.Outbound ? options.OutboundQueue : options.InboundQueue;
        _idPrefix = (ulong)(index + 1) << 32;
        _messages = (Libc.MultiMessage*)NativeMemory.AllocZeroed(LargestBatch, (nuint)sizeof(Libc.MultiMessage));
        _vectors = (Libc.IoVector*)NativeMemory.AllocZeroed(LargestBatch, (nuint)sizeof(Libc.IoVector));
        _heads = (byte*)NativeMemory.AllocZeroed(LargestBatch, NfQueueVerdicts.HeadSize);
        _verdictVectors = (Libc.IoVector*)NativeMemory.AllocZeroed(LargestBatch * NfQueueVerdicts.VectorsPerPacket, (nuint)sizeof(Libc.IoVector));
        _socket = new NetlinkSocket(NetlinkSocket.ProtocolNetfilter);
        try
        {
            NfQueueConfiguration.Apply(_socket, _number, options);
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    public ushort Number => _number;

    public bool Receive(PacketBatch batch)
    {
        lock (_gate) return ReceiveAlone(batch);
    }

    public void Complete(PacketBatch batch)
    {
        lock (_gate)
        {
            if (!_disposed) CompleteAlone(batch);
        }
    }

    /// <summary>Releases a held packet with the given bytes, whose checksums are complete.</summary>
    public void Release(uint id, uint mark, ReadOnlySpan<byte> packet)
    {
        if (packet.Length > LargestPayload)
        {
            _counters.UnreadablePacket();
            Drop(id);
            return;
        }

        var head = stackalloc byte[NfQueueVerdicts.HeadSize];
        var vectors = stackalloc Libc.IoVector[NfQueueVerdicts.VectorsPerPacket];
        fixed (byte* payload = packet)
        {
            var verdicts = new NfQueueVerdicts(_socket.Descriptor, _number, _options.MarkBit, head, vectors);
            verdicts.Accept(id, mark, payload, packet.Length);
            verdicts.Flush();
        }
    }

    public void Drop(uint id)
    {
        var head = stackalloc byte[NfQueueVerdicts.HeadSize];
        var vectors = stackalloc Libc.IoVector[NfQueueVerdicts.VectorsPerPacket];
        var verdicts = new NfQueueVerdicts(_socket.Descriptor, _number, _options.MarkBit, head, vectors);
        verdicts.Drop(id);
        verdicts.Flush();
    }

    /// <summary>Ends the receiver and lets go of everything in the queue, read or not: ids far ahead of the last one cover what nobody read.</summary>
    public void Shutdown()
    {
        _wait.End();
        if (_socket.Descriptor.IsClosed) return;
        var head = stackalloc byte[NfQueueVerdicts.HeadSize];
        var vectors = stackalloc Libc.IoVector[NfQueueVerdicts.VectorsPerPacket];
        var verdicts = new NfQueueVerdicts(_socket.Descriptor, _number, _options.MarkBit, head, vectors);
        verdicts.AcceptAll(Volatile.Read(ref _lastId) + (1u << 30));
        verdicts.Flush();
    }

    /// <summary>Waits until no thread is in <see cref="Receive"/> or <see cref="Complete"/>: they use the memory that goes here.</summary>
    public void Dispose()
    {
        _wait.End();
        lock (_gate)
        {
            if (_disposed) return;
            _disposed = true;
            _socket.Dispose();
            _wait.Dispose();
            NativeMemory.Free(_messages);
            NativeMemory.Free(_vectors);
            NativeMemory.Free(_heads);
            NativeMemory.Free(_verdictVectors);
        }
    }

    private bool ReceiveAlone(PacketBatch batch)
    {
        batch.Clear();
        var slots = Math.Min(LargestBatch, Math.Min(batch.Capacity, batch.BufferSize / SlotSize));
        ArgumentOutOfRangeException.ThrowIfZero(slots, nameof(batch));
        for (var i = 0; i < slots; i++)
        {
            _vectors[i] = new Libc.IoVector { Base = batch.Buffer + (i * SlotSize), Length = SlotSize };
            _messages[i] = new Libc.MultiMessage { Header = new Libc.MessageHeader { Vectors = _vectors + i, VectorCount = 1 } };
        }

        while (!_wait.Ended)
        {
            var received = Libc.ReceiveMessages(_socket.Descriptor, _messages, (uint)slots, Libc.DontWait, null);
            if (received > 0)
            {
                Read(batch, received);
                if (batch.Count > 0) return true;
                continue;
            }

            var error = Marshal.GetLastPInvokeError();
            if (error == Libc.TryAgain) _wait.Wait(_socket.Descriptor);
            else if (error == Libc.NoBufferSpace) _counters.Overrun();
            else if (error != Libc.Interrupted) throw Libc.Failure($"receiving from queue {_number}", error);
        }

        return false;
    }

    private void CompleteAlone(PacketBatch batch)
    {
        var verdicts = new NfQueueVerdicts(_socket.Descriptor, _number, _options.MarkBit, _heads, _verdictVectors);
        for (var i = 0; i < batch.Count; i++)
        {
            ref readonly var address = ref batch.Address(i);
            var id = (uint)address.Id;
            switch (batch.Verdict(i))
            {
                case PacketVerdict.Pass:
                    verdicts.Accept(id, address.Mark, null, 0);
                    break;
                case PacketVerdict.Rewritten:
                    var packet = batch.Packet(i);
                    verdicts.Accept(id, address.Mark, (byte*)Unsafe.AsPointer(ref packet[0]), packet.Length);
                    break;
                case PacketVerdict.Drop:
                    verdicts.Drop(id);
                    break;
                case PacketVerdict.Hold:
                    break;
            }
        }

        verdicts.Flush();
    }

    /// <summary>The kernel hands over no more than <see cref="LargestPayload"/>: a datagram of 65,504 to 65,507 bytes. Its program is told as by a link that is narrower by so much.</summary>
    private void Refuse(Span<byte> beginning, uint outputInterface)
    {
        if (IcmpUnreachable.TooLarge(beginning, LargestPayload) is { } answer && !_injector.Send(answer, outputInterface))
            _counters.FailedInjection();
    }

    private void Read(PacketBatch batch, int received)
    {
        var now = _time.GetTimestamp();
        for (var i = 0; i < received; i++)
        {
            var offset = i * SlotSize;
            if (!NfQueueMessage.TryRead(new ReadOnlySpan<byte>(batch.Buffer + offset, (int)_messages[i].Length), out var message, out var error))
            {
                if (error != 0) _counters.RefusedVerdict();
                continue;
            }

            Volatile.Write(ref _lastId, message.Id);
            if (message.Truncated || message.PayloadLength == 0)
            {
                _counters.UnreadablePacket();
                Drop(message.Id);
                if (message.Truncated && _direction == PacketDirection.Outbound)
                    Refuse(new Span<byte>(batch.Buffer + offset + message.PayloadOffset, message.PayloadLength), message.OutputInterface);
                continue;
            }

            batch.Add(offset + message.PayloadOffset, message.PayloadLength, new DivertAddress
            {
                Id = _idPrefix | message.Id,
                Timestamp = now,
                InterfaceIndex = _direction == PacketDirection.Outbound ? message.OutputInterface : message.InputInterface,
                Mark = message.Mark,
                Direction = _direction,
                Checksums = message.Checksums,
                Loopback = _direction == PacketDirection.Outbound && message.OutputInterface == LoopbackInterface,
                Segmented = message.Segmented,
            });
        }
    }
}
