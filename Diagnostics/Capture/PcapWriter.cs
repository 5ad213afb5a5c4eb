using System.Buffers.Binary;

namespace FwRedirect.Diagnostics.Capture;

/// <summary>
/// Writes a pcap file of which every instant is a complete capture: a record goes out in one write, unbuffered, so that whoever reads the file, or
/// finds it after a kill, never meets half a packet. Safe for several capturing threads.
/// </summary>
internal sealed class PcapWriter : IDisposable
{
    private readonly Stream _stream;
    private readonly Lock _writing = new();
    private byte[] _record = new byte[1 << 12];

    public PcapWriter(Stream stream, LinkType linkType, int snapLength)
    {
        _stream = stream;
        Span<byte> header = stackalloc byte[24];
        BinaryPrimitives.WriteUInt32LittleEndian(header, 0xA1B2C3D4);
        BinaryPrimitives.WriteUInt16LittleEndian(header[4..], 2);
        BinaryPrimitives.WriteUInt16LittleEndian(header[6..], 4);
        BinaryPrimitives.WriteUInt64LittleEndian(header[8..], 0);
        BinaryPrimitives.WriteInt32LittleEndian(header[16..], snapLength);
        BinaryPrimitives.WriteInt32LittleEndian(header[20..], (int)linkType);
        _stream.Write(header);
    }

    /// <exception cref="IOException">The file can not be created, or the disk is full (also from <see cref="Write"/>).</exception>
    public static PcapWriter Create(string path, LinkType linkType, int snapLength) =>
        new(new FileStream(path, FileMode.Create, FileAccess.Write, FileShare.Read, bufferSize: 0), linkType, snapLength);

    /// <summary>One record; the time is seconds since 1970, UTC, and microseconds of that second.</summary>
    public void Write(uint seconds, uint microseconds, ReadOnlySpan<byte> data, int originalLength)
    {
        lock (_writing)
        {
            if (_record.Length < data.Length + 16)
                _record = new byte[data.Length + 16];
            BinaryPrimitives.WriteUInt32LittleEndian(_record, seconds);
            BinaryPrimitives.WriteUInt32LittleEndian(_record.AsSpan(4), microseconds);
            BinaryPrimitives.WriteInt32LittleEndian(_record.AsSpan(8), data.Length);
            BinaryPrimitives.WriteInt32LittleEndian(_record.AsSpan(12), originalLength);
            data.CopyTo(_record.AsSpan(16));
            _stream.Write(_record, 0, data.Length + 16);
        }
    }

    public void Dispose() => _stream.Dispose();
}
