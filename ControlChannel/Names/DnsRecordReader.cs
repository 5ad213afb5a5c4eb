using System.Buffers.Binary;

namespace FwRedirect.ControlChannel.Names;

/// <summary>Goes over the records behind the question of a message, one after the other; stops at the end, and at the first one that is broken.</summary>
internal ref struct DnsRecordReader
{
    private readonly ReadOnlySpan<byte> _message;
    private int _next;
    private int _index = -1;

    /// <param name="message">With one question, or none.</param>
    public DnsRecordReader(ReadOnlySpan<byte> message)
    {
        _message = message;
        _next = DnsQuery.HeaderLength;
        if (message.Length < DnsQuery.HeaderLength)
            _next = -1;
        else if (Count(0) == 1)
            _next = DnsName.Skip(message, _next) is var end and >= 0 ? end + 4 : -1;
        else if (Count(0) > 1)
            _next = -1;
    }

    /// <summary>True where a record could not be read: the message is not whole.</summary>
    public bool IsBroken => _next < 0;

    /// <summary>1 the answer, 2 the authority, 3 the additional section.</summary>
    public readonly int Section => _index < Count(1) ? 1 : _index < Count(1) + Count(2) ? 2 : 3;

    public ushort Type { get; private set; }

    /// <summary>Where its TTL stands; <see cref="DnsType.Opt"/> has other things there.</summary>
    public int TtlOffset { get; private set; }

    public readonly uint Ttl => BinaryPrimitives.ReadUInt32BigEndian(_message[TtlOffset..]) is var ttl and <= int.MaxValue ? ttl : 0; // RFC 2181, 8

    public ReadOnlySpan<byte> Data { get; private set; }

    public bool MoveNext()
    {
        if (_next < 0 || ++_index >= Count(1) + Count(2) + Count(3))
            return false;
        var fixedPart = DnsName.Skip(_message, _next);
        if (fixedPart < 0 || fixedPart + 10 > _message.Length)
        {
            _next = -1;
            return false;
        }
        int length = BinaryPrimitives.ReadUInt16BigEndian(_message[(fixedPart + 8)..]);
        if (fixedPart + 10 + length > _message.Length)
        {
            _next = -1;
            return false;
        }
        Type = BinaryPrimitives.ReadUInt16BigEndian(_message[fixedPart..]);
        TtlOffset = fixedPart + 4;
        Data = _message.Slice(fixedPart + 10, length);
        _next = fixedPart + 10 + length;
        return true;
    }

    private readonly int Count(int section) => BinaryPrimitives.ReadUInt16BigEndian(_message[(4 + (2 * section))..]);
}
