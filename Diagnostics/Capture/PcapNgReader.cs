using System.Buffers.Binary;

namespace FwRedirect.Diagnostics.Capture;

/// <summary>
/// pcapng, what Wireshark writes: blocks of type, length, body, length again. Packet blocks are read, and of the interfaces their link type and clock;
/// all other blocks are stepped over.
/// </summary>
internal sealed class PcapNgReader : CaptureReader
{
    /// <summary>The same in both byte orders.</summary>
    public const uint SectionHeader = 0x0A0D0D0A;

    private const uint InterfaceDescription = 1;
    private const uint SimplePacket = 3;
    private const uint EnhancedPacket = 6;
    private const int TimestampResolution = 9;

    /// <summary>A packet block's own fields and options come on top of the packet.</summary>
    private const int LargestBlock = LargestPacket + (1 << 16);

    private readonly List<(LinkType LinkType, ulong UnitsPerSecond)> _interfaces = [];
    private bool _bigEndian;

    /// <summary>The type of the first block is read already.</summary>
    public PcapNgReader(Stream stream, string name)
        : base(stream, name)
    {
        Span<byte> length = stackalloc byte[4];
        if (!Fill(length, startsRecord: false) || !ReadSection(length))
            throw new CaptureFormatException($"{name} is not a capture file: its pcapng header is damaged.");
    }

    public override CapturedPacket? Read()
    {
        Span<byte> header = stackalloc byte[8];
        while (Damage is null && Fill(header, startsRecord: true))
        {
            var type = U32(header);
            if (type == SectionHeader)
            {
                if (!ReadSection(header[4..]))
                    return Broken("a section header is damaged");
                continue;
            }
            var length = U32(header[4..]);
            if (length < 12 || length > LargestBlock || length % 4 != 0)
                return Broken($"a block claims {length} bytes; what follows can not be read");
            var body = new byte[length - 12];
            if (!Fill(body, startsRecord: false) || !Fill(header[..4], startsRecord: false))
                return null;
            if (type == InterfaceDescription && body.Length >= 8)
                _interfaces.Add(((LinkType)U16(body), ReadClock(body.AsSpan(8))));
            else if (type is EnhancedPacket or SimplePacket && Packet(type, body) is { } packet)
                return packet;
        }
        return null;
    }

    private CapturedPacket? Packet(uint type, byte[] body)
    {
        var start = type == EnhancedPacket ? 20 : 4;
        var index = type == EnhancedPacket && body.Length >= 4 ? U32(body) : 0;
        if (body.Length < start || index >= _interfaces.Count)
            return null;
        var (linkType, unitsPerSecond) = _interfaces[(int)index];
        var original = U32(body.AsSpan(start - 4));
        var captured = (int)Math.Min(type == EnhancedPacket ? U32(body.AsSpan(12)) : original, (uint)(body.Length - start));
        var time = type == EnhancedPacket ? TimeOf(((ulong)U32(body.AsSpan(4)) << 32) | U32(body.AsSpan(8)), unitsPerSecond) : DateTimeOffset.UnixEpoch;
        Count++;
        return new CapturedPacket(time, linkType, body.AsMemory(start, captured), (int)Math.Clamp(original, (uint)captured, int.MaxValue));
    }

    /// <summary>A new section: byte order and interfaces start afresh. <paramref name="length"/> is still in the old order.</summary>
    private bool ReadSection(ReadOnlySpan<byte> length)
    {
        Span<byte> magic = stackalloc byte[4];
        if (!Fill(magic, startsRecord: false))
            return false;
        var value = BinaryPrimitives.ReadUInt32LittleEndian(magic);
        if (value is not (0x1A2B3C4D or 0x4D3C2B1A))
            return false;
        _bigEndian = value == 0x4D3C2B1A;
        _interfaces.Clear();
        var total = U32(length);
        return total is >= 28 and <= LargestBlock && total % 4 == 0 && Fill(new byte[total - 12], startsRecord: false);
    }

    /// <summary>Option if_tsresol: units of the clock, a power of ten, or of two with the top bit set. Microseconds when it is absent or absurd.</summary>
    private ulong ReadClock(ReadOnlySpan<byte> options)
    {
        while (options.Length >= 4)
        {
            int code = U16(options), length = U16(options[2..]), padded = (length + 3) & ~3;
            if (code == 0 || options.Length < 4 + padded)
                break;
            if (code == TimestampResolution && length == 1)
            {
                var exponent = options[4] & 0x7F;
                if ((options[4] & 0x80) != 0)
                    return exponent < 64 ? 1UL << exponent : 1_000_000UL;
                return exponent < 20 ? (ulong)Math.Pow(10, exponent) : 1_000_000UL;
            }
            options = options[(4 + padded)..];
        }
        return 1_000_000UL;
    }

    private uint U32(ReadOnlySpan<byte> bytes) => _bigEndian ? BinaryPrimitives.ReadUInt32BigEndian(bytes) : BinaryPrimitives.ReadUInt32LittleEndian(bytes);

    private ushort U16(ReadOnlySpan<byte> bytes) => _bigEndian ? BinaryPrimitives.ReadUInt16BigEndian(bytes) : BinaryPrimitives.ReadUInt16LittleEndian(bytes);
}
