using System.Buffers.Binary;

namespace FwRedirect.Diagnostics.Capture;

/// <summary>The classic format: 24 bytes of file header, then 16 bytes and the packet, again and again, in the byte order of the writing machine.</summary>
internal sealed class PcapReader : CaptureReader
{
    private readonly bool _bigEndian;
    private readonly ulong _unitsPerSecond;
    private readonly LinkType _linkType;

    /// <summary>The magic number is read already.</summary>
    public PcapReader(Stream stream, string name, bool bigEndian, bool nanoseconds)
        : base(stream, name)
    {
        _bigEndian = bigEndian;
        _unitsPerSecond = nanoseconds ? 1_000_000_000UL : 1_000_000UL;
        Span<byte> header = stackalloc byte[20];
        if (stream.ReadAtLeast(header, header.Length, throwOnEndOfStream: false) < header.Length)
            throw new CaptureFormatException($"{name} is not a capture file: its header is cut short.");
        // The upper bits of the link type hold the length of a frame check sequence.
        _linkType = (LinkType)(U32(header[16..]) & 0xFFFF);
    }

    public override CapturedPacket? Read()
    {
        Span<byte> header = stackalloc byte[16];
        if (Damage is not null || !Fill(header, startsRecord: true))
            return null;
        var captured = U32(header[8..]);
        var original = U32(header[12..]);
        if (captured > LargestPacket)
            return Broken($"a record claims {captured} bytes; what follows can not be read");
        var data = new byte[captured];
        if (!Fill(data, startsRecord: false))
            return null;
        Count++;
        var time = TimeOf((U32(header) * _unitsPerSecond) + U32(header[4..]), _unitsPerSecond);
        return new CapturedPacket(time, _linkType, data, (int)Math.Clamp(original, captured, int.MaxValue));
    }

    private uint U32(ReadOnlySpan<byte> bytes) => _bigEndian ? BinaryPrimitives.ReadUInt32BigEndian(bytes) : BinaryPrimitives.ReadUInt32LittleEndian(bytes);
}
