using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Runtime.Versioning;

namespace FwRedirect.Redirector.Diversion.Linux.Native;

/// <summary>Builds one netlink message: header, fixed part, attributes (each padded to 4 bytes). Host order where not said otherwise.</summary>
[SupportedOSPlatform("linux")]
internal ref struct NetlinkWriter(Span<byte> buffer)
{
    private readonly Span<byte> _buffer = buffer;
    private int _length = 16;

    /// <summary>Appends a structure as it lies in memory.</summary>
    public void Add<T>(in T value) where T : unmanaged
    {
        MemoryMarshal.Write(_buffer[_length..], in value);
        _length += Align(Marshal.SizeOf<T>());
    }

    /// <summary>nfgenmsg: family, version 0, resource id in network order.</summary>
    public void AddNetfilterHeader(ushort resource)
    {
        _buffer[_length] = 0;
        _buffer[_length + 1] = 0;
        BinaryPrimitives.WriteUInt16BigEndian(_buffer[(_length + 2)..], resource);
        _length += 4;
    }

    public void AddAttribute(ushort type, scoped ReadOnlySpan<byte> value)
    {
        MemoryMarshal.Write(_buffer[_length..], (ushort)(4 + value.Length));
        MemoryMarshal.Write(_buffer[(_length + 2)..], type);
        value.CopyTo(_buffer[(_length + 4)..]);
        _length += Align(4 + value.Length);
    }

    /// <summary>An attribute of 32 bits in network order, as all of nfnetlink's are.</summary>
    public void AddAttribute(ushort type, uint value)
    {
        Span<byte> bytes = stackalloc byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(bytes, value);
        AddAttribute(type, bytes);
    }

    /// <summary>Writes the header and gives the finished message.</summary>
    public readonly ReadOnlySpan<byte> Finish(ushort type, ushort flags)
    {
        MemoryMarshal.Write(_buffer, (uint)_length);
        MemoryMarshal.Write(_buffer[4..], type);
        MemoryMarshal.Write(_buffer[6..], flags);
        _buffer.Slice(8, 8).Clear();
        return _buffer[.._length];
    }

    private static int Align(int length) => (length + 3) & ~3;
}
