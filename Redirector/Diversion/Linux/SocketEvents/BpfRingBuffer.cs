using System.Runtime.CompilerServices;
using System.Runtime.Versioning;
using FwRedirect.Redirector.Diversion.Linux.Native;

namespace FwRedirect.Redirector.Diversion.Linux.SocketEvents;

/// <summary>
/// Reader of a BPF ring buffer. Its first page holds our position, the second the kernel's; then the data, mapped twice in a row so that no record is cut.
/// A record: 32-bit length with a busy bit (31) and a discarded bit (30), 32 bits of the kernel's, the data, padding to 8.
/// </summary>
[SupportedOSPlatform("linux")]
internal sealed unsafe class BpfRingBuffer : IDisposable
{
    private const uint Busy = 1u << 31;
    private const uint Discarded = 1u << 30;
    private const int ProtectionRead = 1;
    private const int ProtectionWrite = 2;
    private const int Shared = 1;
    private readonly nint _consumer;
    private readonly nint _producer;
    private readonly nuint _size;
    private readonly nuint _page = (nuint)Environment.SystemPageSize;

    /// <param name="size">Bytes; a power of two and whole pages.</param>
    public BpfRingBuffer(uint size)
    {
        _size = size;
        Map = BpfSystem.CreateMap(BpfSystem.MapRingBuffer, 0, 0, size);
        _consumer = Libc.Map(0, _page, ProtectionRead | ProtectionWrite, Shared, Map, 0);
        _producer = _consumer == -1 ? -1 : Libc.Map(0, _page + (2 * _size), ProtectionRead, Shared, Map, (nint)_page);
        if (_producer != -1) return;
        var failure = Libc.Failure("mapping the BPF ring buffer");
        if (_consumer != -1) _ = Libc.Unmap(_consumer, _page);
        Map.Dispose();
        throw failure;
    }

    public Descriptor Map { get; }

    /// <summary>True where the kernel has written more than was read; a record of it may still be in the making.</summary>
    public bool HasRecords =>
        Volatile.Read(ref Unsafe.AsRef<ulong>((void*)_producer)) != Volatile.Read(ref Unsafe.AsRef<ulong>((void*)_consumer));

    /// <summary>Copies the next record; false when there is none now.</summary>
    public bool TryRead<T>(out T record) where T : unmanaged
    {
        record = default;
        ref var position = ref Unsafe.AsRef<ulong>((void*)_consumer);
        while (true)
        {
            var at = position;
            if (at >= Volatile.Read(ref Unsafe.AsRef<ulong>((void*)_producer))) return false;
            var data = (byte*)_producer + _page + (nuint)(at & (_size - 1));
            var header = Volatile.Read(ref Unsafe.AsRef<uint>(data));
            if ((header & Busy) != 0) return false;
            var length = header & ~Discarded;
            var isWanted = (header & Discarded) == 0 && length >= sizeof(T);
            if (isWanted) record = *(T*)(data + 8);
            Volatile.Write(ref position, at + ((length + 8 + 7) & ~7u));
            // The kernel wakes us only where it sees that we had read all: our position must be out before we look for more.
            Interlocked.MemoryBarrier();
            if (isWanted) return true;
        }
    }

    public void Dispose()
    {
        if (Map.IsClosed) return;
        _ = Libc.Unmap(_consumer, _page);
        _ = Libc.Unmap(_producer, _page + (2 * _size));
        Map.Dispose();
    }
}
