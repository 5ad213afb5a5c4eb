using System.Buffers.Binary;
using System.Net;

namespace FwRedirect.Redirector.Names;

/// <summary>Writes one answer, record by record, up to the size that the query allows.</summary>
internal sealed class DnsAnswerWriter
{
    private const int OptLength = 11;

    /// <summary>What we say we take ourselves; fits an Ethernet frame in IPv6 (RFC 9715, 3.2).</summary>
    private const ushort OwnUdpSize = 1232;

    private readonly DnsQuery _query;
    private readonly byte[] _buffer;
    private readonly int _limit;
    private int _length;
    private ushort _answers;
    private bool _truncated;

    public DnsAnswerWriter(DnsQuery query)
    {
        _query = query;
        // An answer that we inject has to fit one packet of the usual MTU, whatever size the resolver allows.
        _limit = Math.Min(query.UdpSize, query.HasEdns ? OwnUdpSize : DnsQuery.ClassicSize) - (query.HasEdns ? OptLength : 0);
        _buffer = new byte[_limit + OptLength];
        query.Question.Span.CopyTo(_buffer.AsSpan(DnsQuery.HeaderLength));
        _length = DnsQuery.HeaderLength + query.Question.Length;
    }

    /// <summary>Adds a CNAME; the result is where its target stands, to be the owner of the next record. An owner that was left out owns nothing.</summary>
    public int AddCanonicalName(int owner, ReadOnlySpan<byte> target, uint ttl)
    {
        var at = _length + 12;
        return Add(owner, DnsType.CanonicalName, target, ttl) ? at : owner;
    }

    public void AddAddress(int owner, ushort type, IPAddress address, uint ttl)
    {
        Span<byte> bytes = stackalloc byte[16];
        address.TryWriteBytes(bytes, out var length);
        Add(owner, type, bytes[..length], ttl);
    }

    public byte[] Finish(DnsResponseCode code)
    {
        var header = _buffer.AsSpan();
        BinaryPrimitives.WriteUInt16BigEndian(header, _query.Id);
        // QR, TC, RD as asked; RA, RCODE.
        header[2] = (byte)(0x80 | (_truncated ? 0x02 : 0) | (_query.RecursionDesired ? 0x01 : 0));
        header[3] = (byte)(0x80 | (byte)code);
        header[5] = 1;
        BinaryPrimitives.WriteUInt16BigEndian(header[6..], _answers);
        if (_query.HasEdns)
            AddOpt();
        return _buffer.AsSpan(0, _length).ToArray();
    }

    private bool Add(int owner, ushort type, ReadOnlySpan<byte> data, uint ttl)
    {
        // Once one record is left out, all later ones are: a chain with a link missing would be wrong, a short one is only short.
        if (_truncated || _length + 12 + data.Length > _limit)
        {
            _truncated = true;
            return false;
        }
        var record = _buffer.AsSpan(_length);
        BinaryPrimitives.WriteUInt16BigEndian(record, (ushort)(0xC000 | owner));
        BinaryPrimitives.WriteUInt16BigEndian(record[2..], type);
        BinaryPrimitives.WriteUInt16BigEndian(record[4..], DnsQuery.Internet);
        BinaryPrimitives.WriteUInt32BigEndian(record[6..], ttl);
        BinaryPrimitives.WriteUInt16BigEndian(record[10..], (ushort)data.Length);
        data.CopyTo(record[12..]);
        _length += 12 + data.Length;
        _answers++;
        return true;
    }

    /// <summary>RFC 6891, 6.1.2: root, type, our size, extended code and version 0, the DO bit, no options.</summary>
    private void AddOpt()
    {
        var record = _buffer.AsSpan(_length);
        BinaryPrimitives.WriteUInt16BigEndian(record[1..], DnsType.Opt);
        BinaryPrimitives.WriteUInt16BigEndian(record[3..], OwnUdpSize);
        record[7] = (byte)(_query.DnssecOk ? 0x80 : 0);
        _length += OptLength;
        _buffer[11] = 1;
    }
}
