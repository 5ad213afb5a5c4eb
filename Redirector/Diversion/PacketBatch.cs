using System.Runtime.InteropServices;

namespace FwRedirect.Redirector.Diversion;

/// <summary>
/// A reusable batch of packets between a diverter and the engine: one native buffer (no pinning, no collection), and per packet its place in it, its
/// address and its verdict. A diverter may lay packets out back to back (WinDivert) or in fixed slots (recvmmsg); both say where with <see cref="Add"/>.
/// </summary>
public sealed unsafe class PacketBatch : IDisposable
{
    /// <summary>Largest packet that a diverter can hand over: 65,535 bytes of IP, and WinDivert's MTU_MAX adds a 40-byte header.</summary>
    public const int LargestPacket = 65_575;

    private readonly int[] _offsets;
    private readonly int[] _lengths;
    private readonly DivertAddress[] _addresses;
    private readonly PacketVerdict[] _verdicts;

    public PacketBatch(int capacity, int bufferSize)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(capacity);
        ArgumentOutOfRangeException.ThrowIfLessThan(bufferSize, LargestPacket);
        Capacity = capacity;
        BufferSize = bufferSize;
        Buffer = (byte*)NativeMemory.AllocZeroed((nuint)bufferSize);
        _offsets = new int[capacity];
        _lengths = new int[capacity];
        _addresses = new DivertAddress[capacity];
        _verdicts = new PacketVerdict[capacity];
    }

    /// <summary>Most packets that one batch can hold.</summary>
    public int Capacity { get; }

    public int BufferSize { get; }

    /// <summary>Packets in the batch now.</summary>
    public int Count { get; private set; }

    /// <summary>The diverter's view of the memory; valid until <see cref="Dispose"/>.</summary>
    public byte* Buffer { get; private set; }

    public Span<byte> Packet(int index) => new(Buffer + _offsets[index], _lengths[index]);

    public ref DivertAddress Address(int index) => ref _addresses[index];

    public ref PacketVerdict Verdict(int index) => ref _verdicts[index];

    public void Clear() => Count = 0;

    public void Add(int offset, int length, in DivertAddress address)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(Count, Capacity);
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)offset + (uint)length, (uint)BufferSize);
        _offsets[Count] = offset;
        _lengths[Count] = length;
        _addresses[Count] = address;
        _verdicts[Count] = PacketVerdict.Pass;
        Count++;
    }

    public void Dispose()
    {
        NativeMemory.Free(Buffer);
        Buffer = null;
    }
}
