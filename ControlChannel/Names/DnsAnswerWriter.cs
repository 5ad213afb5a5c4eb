using System.Buffers.Binary;
using System.Net;

namespace FwRedirect.ControlChannel.Names;

/// <summary>Writes one answer, record by record, up to the size that the query allows over UDP.</summary>
internal sealed class DnsAnswerWriter
{
    private readonly DnsQuery _query;
    private readonly byte[] _buffer;
    private readonly int _limit;
    private int _length;
    private ushort _answers;
    private ushort _authorities;

    public DnsAnswerWriter(DnsQuery query)
    {
        _query = query;
        _limit = LimitFor(query) - (query.HasEdns ? DnsQuery.OptLength : 0);
        _buffer = new byte[_limit + DnsQuery.OptLength];
        query.Question.Span.CopyTo(_buffer.AsSpan(DnsQuery.HeaderLength));
        _length = DnsQuery.HeaderLength + query.Question.Length;
    }

    /// <summary>TC: something was left out; whoever asked is to ask again over TCP.</summary>
    public bool IsTruncated { get; set; }

    /// <summary>An answer over UDP has to fit one packet of the usual MTU, whatever size the resolver allows.</summary>
    public static int LimitFor(DnsQuery query) => Math.Min(query.UdpSize, query.HasEdns ? DnsQuery.OwnUdpSize : DnsQuery.ClassicSize);

    /// <summary>Adds a CNAME; the result is where its target stands, to be the owner of the next record. An owner that was left out owns nothing.</summary>
    public int AddCanonicalName(int owner, ReadOnlySpan<byte> target, uint ttl)
    {
        var at = _length + 12;
        return Add(owner, DnsType.CanonicalName, target, ttl) ? at : owner;
    }

    /// <summary>Adds a PTR record of the name that was asked for.</summary>
    public void AddPointer(ReadOnlySpan<byte> target, uint ttl) => Add(DnsQuery.HeaderLength, DnsType.Pointer, target, ttl);

    public void AddAddress(int owner, ushort type, IPAddress address, uint ttl)
    {
        Span<byte> bytes = stackalloc byte[16];
        address.TryWriteBytes(bytes, out var length);
        Add(owner, type, bytes[..length], ttl);
    }

    /// <summary>
    /// The zone's SOA, for how long a name's absence may be believed (RFC 2308, 3). Left out where it does not fit or has names that DNS can not carry: the answer is right without.
    /// </summary>
    public void AddAuthority(StartOfAuthority authority, uint ttl)
    {
        if (DnsName.ToWire(authority.Zone) is not { } zone || DnsName.ToWire(authority.PrimaryServer) is not { } server
            || DnsName.ToWire(authority.Mailbox) is not { } mailbox)
        {
            return;
        }
        byte[] data = [.. server, .. mailbox, .. new byte[20]];
        var numbers = data.AsSpan(data.Length - 20);
        BinaryPrimitives.WriteUInt32BigEndian(numbers, authority.Serial);
        BinaryPrimitives.WriteUInt32BigEndian(numbers[4..], authority.Refresh);
        BinaryPrimitives.WriteUInt32BigEndian(numbers[8..], authority.Retry);
        BinaryPrimitives.WriteUInt32BigEndian(numbers[12..], authority.Expire);
        BinaryPrimitives.WriteUInt32BigEndian(numbers[16..], authority.Minimum);
        if (_length + zone.Length + 10 + data.Length > _limit)
            return;
        zone.CopyTo(_buffer.AsSpan(_length));
        _length += zone.Length;
        AddBody(DnsType.StartOfAuthority, data, ttl);
        _authorities++;
    }

    public byte[] Finish(DnsResponseCode code)
    {
        var header = _buffer.AsSpan();
        BinaryPrimitives.WriteUInt16BigEndian(header, _query.Id);
        // QR, opcode and RD as asked, TC; RA, CD as asked, RCODE.
        header[2] = (byte)(0x80 | (_query.Opcode << 3) | (IsTruncated ? 0x02 : 0) | (_query.RecursionDesired ? 0x01 : 0));
        header[3] = (byte)(0x80 | (_query.CheckingDisabled ? 0x10 : 0) | ((byte)code & 15));
        header[5] = 1;
        BinaryPrimitives.WriteUInt16BigEndian(header[6..], _answers);
        BinaryPrimitives.WriteUInt16BigEndian(header[8..], _authorities);
        if (_query.HasEdns)
            AddOpt(code);
        return _buffer.AsSpan(0, _length).ToArray();
    }

    private bool Add(int owner, ushort type, ReadOnlySpan<byte> data, uint ttl)
    {
        // Once one record is left out, all later ones are: a chain with a link missing would be wrong, a short one is only short.
        if (IsTruncated || _length + 12 + data.Length > _limit)
        {
            IsTruncated = true;
            return false;
        }
        BinaryPrimitives.WriteUInt16BigEndian(_buffer.AsSpan(_length), (ushort)(0xC000 | owner));
        _length += 2;
        AddBody(type, data, ttl);
        _answers++;
        return true;
    }

    /// <summary>All of a record behind its owner.</summary>
    private void AddBody(ushort type, ReadOnlySpan<byte> data, uint ttl)
    {
        var record = _buffer.AsSpan(_length);
        BinaryPrimitives.WriteUInt16BigEndian(record, type);
        BinaryPrimitives.WriteUInt16BigEndian(record[2..], DnsQuery.Internet);
        BinaryPrimitives.WriteUInt32BigEndian(record[4..], ttl);
        BinaryPrimitives.WriteUInt16BigEndian(record[8..], (ushort)data.Length);
        data.CopyTo(record[10..]);
        _length += 10 + data.Length;
    }

    /// <summary>RFC 6891, 6.1.2: root, type, our size, extended code and version 0, the DO bit, no options.</summary>
    private void AddOpt(DnsResponseCode code)
    {
        var record = _buffer.AsSpan(_length);
        BinaryPrimitives.WriteUInt16BigEndian(record[1..], DnsType.Opt);
        BinaryPrimitives.WriteUInt16BigEndian(record[3..], DnsQuery.OwnUdpSize);
        record[5] = (byte)((byte)code >> 4);
        record[7] = (byte)(_query.DnssecOk ? 0x80 : 0);
        _length += DnsQuery.OptLength;
        _buffer[11] = 1;
    }
}
