using System.Buffers.Binary;

namespace FwRedirect.Diagnostics.Capture;

/// <summary>
/// Reads capture files, pcap and pcapng. Our own reader and not libpcap's, so that a trace can be read on a machine that can not capture
/// (no libpcap, no Npcap) and a damaged file gives what is readable before the damage.
/// </summary>
internal abstract class CaptureReader(Stream stream, string name) : IDisposable
{
    /// <summary>
    /// Bytes that one record may claim. libpcap's own limit is 262144; GSO, USB and merged captures go beyond. A larger claim is damage, and believing
    /// it would allocate up to 4 GB.
    /// </summary>
    public const int LargestPacket = 1 << 20;

    protected Stream Stream { get; } = stream;

    /// <summary>The file, as errors name it.</summary>
    public string Name { get; } = name;

    /// <summary>Packets read so far.</summary>
    public long Count { get; protected set; }

    /// <summary>Why reading ended before the end of the file; null when it did not.</summary>
    public string? Damage { get; private set; }

    /// <summary>True if the damage is only a last record cut short: a capture that was copied while it was written.</summary>
    public bool CutShort { get; private set; }

    /// <summary>Opens by the file's first four bytes.</summary>
    /// <exception cref="CaptureFormatException">It is no capture.</exception>
    /// <exception cref="IOException">It can not be read.</exception>
    public static CaptureReader Open(string path)
    {
        var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, 1 << 16);
        try
        {
            return Open(file, path);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>The same for a stream, which the reader then owns.</summary>
    public static CaptureReader Open(Stream stream, string name)
    {
        Span<byte> magic = stackalloc byte[4];
        if (stream.ReadAtLeast(magic, 4, throwOnEndOfStream: false) < 4)
            throw new CaptureFormatException($"{name} is not a capture file: it has fewer than four bytes.");
        return BinaryPrimitives.ReadUInt32LittleEndian(magic) switch
        {
            0xA1B2C3D4 => new PcapReader(stream, name, bigEndian: false, nanoseconds: false),
            0xA1B23C4D => new PcapReader(stream, name, bigEndian: false, nanoseconds: true),
            0xD4C3B2A1 => new PcapReader(stream, name, bigEndian: true, nanoseconds: false),
            0x4D3CB2A1 => new PcapReader(stream, name, bigEndian: true, nanoseconds: true),
            PcapNgReader.SectionHeader => new PcapNgReader(stream, name),
            _ => throw new CaptureFormatException($"{name} is not a capture file: it begins with {Convert.ToHexString(magic)}, neither pcap nor pcapng."),
        };
    }

    /// <summary>The next packet, or null at the end or at damage (then <see cref="Damage"/> says what).</summary>
    public abstract CapturedPacket? Read();

    public void Dispose() => Stream.Dispose();

    /// <summary>Fills the buffer; false at the end of the file, with damage noted if it ended inside a record.</summary>
    protected bool Fill(Span<byte> buffer, bool startsRecord)
    {
        var got = Stream.ReadAtLeast(buffer, buffer.Length, throwOnEndOfStream: false);
        if (got == buffer.Length)
            return true;
        if (got > 0 || !startsRecord)
        {
            CutShort = true;
            Broken("the file ends inside a record");
        }
        return false;
    }

    /// <summary>Notes damage and ends the reading.</summary>
    protected CapturedPacket? Broken(string what)
    {
        Damage ??= $"{Name}: {what}, after packet {Count}.";
        return null;
    }

    protected static DateTimeOffset TimeOf(ulong unitsSinceEpoch, ulong unitsPerSecond)
    {
        var seconds = Math.Min(unitsSinceEpoch / unitsPerSecond, (ulong)(DateTimeOffset.MaxValue.ToUnixTimeSeconds() - 1));
        var ticks = (UInt128)(unitsSinceEpoch % unitsPerSecond) * TimeSpan.TicksPerSecond / unitsPerSecond;
        return DateTimeOffset.UnixEpoch.AddSeconds(seconds).AddTicks((long)ticks);
    }
}
