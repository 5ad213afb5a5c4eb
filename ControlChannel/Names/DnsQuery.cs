using System.Buffers.Binary;
using System.Text;
using FwRedirect.ControlChannel.Wire;

namespace FwRedirect.ControlChannel.Names;

/// <summary>One query with one question, as a program's resolver sends it.</summary>
internal sealed class DnsQuery
{
    public const int HeaderLength = 12;

    /// <summary>UDP answers without EDNS (RFC 1035, 4.2.1).</summary>
    public const int ClassicSize = 512;

    /// <summary>Class IN.</summary>
    public const ushort Internet = 1;

    /// <summary>What we say we take over UDP ourselves; fits an Ethernet frame in IPv6 (RFC 9715, 3.2).</summary>
    public const ushort OwnUdpSize = 1232;

    /// <summary>The OPT record without options.</summary>
    public const int OptLength = 11;

    /// <summary>Additional records that are looked through for OPT; a resolver sends one, or two with a signature.</summary>
    private const int MostAdditional = 4;

    private const ushort ResponseBit = 0x8000;
    private const ushort RecursionDesiredBit = 0x0100;

    /// <summary>RD, AD, CD: what of the header concerns the answer's content.</summary>
    private const ushort MeaningBits = RecursionDesiredBit | 0x0020 | 0x0010;

    private readonly ushort _flags;

    private DnsQuery(ushort id, ushort flags, string name, byte[] question)
    {
        Id = id;
        _flags = flags;
        Name = name;
        Question = question;
        Type = BinaryPrimitives.ReadUInt16BigEndian(question.AsSpan(question.Length - 4));
        Class = BinaryPrimitives.ReadUInt16BigEndian(question.AsSpan(question.Length - 2));
    }

    public ushort Id { get; }

    public int Opcode => (_flags >> 11) & 15;

    public bool RecursionDesired => (_flags & RecursionDesiredBit) != 0;

    /// <summary>CD: the resolver checks signatures itself; copied to the answer (RFC 4035, 3.2.2).</summary>
    public bool CheckingDisabled => (_flags & 0x0010) != 0;

    /// <summary>As asked, case kept; see <see cref="DnsName"/> for its form.</summary>
    public string Name { get; }

    public ushort Type { get; }

    public ushort Class { get; }

    /// <summary>The question's bytes. Resolvers check that its case comes back (draft-vixie-dnsext-dns0x20).</summary>
    public ReadOnlyMemory<byte> Question { get; }

    public bool HasEdns { get; private set; }

    public byte EdnsVersion { get; private set; }

    /// <summary>EDNS: the resolver understands DNSSEC; copied to the answer (RFC 3225, 3).</summary>
    public bool DnssecOk { get; private set; }

    /// <summary>EDNS options that are meant for whoever answers.</summary>
    public ReadOnlyMemory<byte> Options { get; private set; }

    /// <summary>Largest answer that the resolver takes over UDP, 512 or more.</summary>
    public int UdpSize { get; private set; } = ClassicSize;

    /// <summary>What a resolver says to a query that it does not look up, whatever the name; null where it does.</summary>
    public DnsResponseCode? Refusal
    {
        get
        {
            if (Opcode != 0)
                return DnsResponseCode.NotImplemented;
            if (EdnsVersion != 0)
                return DnsResponseCode.BadVersion;
            if (Type == DnsType.Opt)
                return DnsResponseCode.FormatError;
            return Class != Internet || DnsType.IsForZoneServers(Type) ? DnsResponseCode.Refused : null;
        }
    }

    /// <summary>False for what is no query with one readable question: an answer, several questions, a compressed or broken name, cut short or too long.</summary>
    public static bool TryParse(ReadOnlySpan<byte> message, out DnsQuery query)
    {
        query = null!;
        if (message.Length is < HeaderLength or > RwsLimits.DnsQuery)
            return false;
        var flags = BinaryPrimitives.ReadUInt16BigEndian(message[2..]);
        if ((flags & ResponseBit) != 0 || BinaryPrimitives.ReadUInt16BigEndian(message[4..]) != 1)
            return false;
        var offset = HeaderLength;
        if (!DnsName.TryRead(message, ref offset, out var name) || offset + 4 > message.Length)
            return false;
        var parsed = new DnsQuery(BinaryPrimitives.ReadUInt16BigEndian(message), flags, name, message[HeaderLength..(offset + 4)].ToArray());
        // Of other opcodes, such as UPDATE, only the question (there the zone) matters here; a standard query has neither answers nor authority.
        var isWhole = parsed.Opcode != 0
            || (BinaryPrimitives.ReadUInt32BigEndian(message[6..]) == 0 && parsed.TryReadAdditional(message[(offset + 4)..], BinaryPrimitives.ReadUInt16BigEndian(message[10..])));
        if (isWhole)
            query = parsed;
        return isWhole;
    }

    /// <summary>
    /// The answer to what <see cref="TryParse"/> refuses: a header that says "format error", or "not implemented" to another opcode. Null where silence is right: not even
    /// a header, or an answer (two answerers could go on for ever).
    /// </summary>
    public static byte[]? AnswerToMalformed(ReadOnlySpan<byte> message)
    {
        if (message.Length < HeaderLength || (message[2] & 0x80) != 0)
            return null;
        var code = (message[2] & 0x78) == 0 ? DnsResponseCode.FormatError : DnsResponseCode.NotImplemented;
        return [message[0], message[1], (byte)(0x80 | (message[2] & 0x79)), (byte)(0x80 | (byte)code), 0, 0, 0, 0, 0, 0, 0, 0];
    }

    /// <summary>
    /// The same question as somebody else asks it on: id 0, the bits and options that concern the answer, our own UDP size. Two queries that come out alike have the same answer.
    /// </summary>
    public byte[] ToRelay()
    {
        var message = new byte[HeaderLength + Question.Length + (HasEdns ? OptLength + Options.Length : 0)];
        BinaryPrimitives.WriteUInt16BigEndian(message.AsSpan(2), (ushort)(_flags & MeaningBits));
        message[5] = 1;
        Question.Span.CopyTo(message.AsSpan(HeaderLength));
        if (!HasEdns)
            return message;
        message[11] = 1;
        var opt = message.AsSpan(HeaderLength + Question.Length);
        BinaryPrimitives.WriteUInt16BigEndian(opt[1..], DnsType.Opt);
        BinaryPrimitives.WriteUInt16BigEndian(opt[3..], OwnUdpSize);
        opt[7] = (byte)(DnssecOk ? 0x80 : 0);
        BinaryPrimitives.WriteUInt16BigEndian(opt[9..], (ushort)Options.Length);
        Options.Span.CopyTo(opt[OptLength..]);
        return message;
    }

    /// <summary>True where <paramref name="message"/> is an answer that repeats this question, in whatever case.</summary>
    public bool IsAnsweredBy(ReadOnlySpan<byte> message)
    {
        var end = HeaderLength + Question.Length;
        return message.Length >= end && (message[2] & 0x80) != 0 && BinaryPrimitives.ReadUInt16BigEndian(message[4..]) == 1
            && Ascii.EqualsIgnoreCase(message[HeaderLength..(end - 4)], Question.Span[..^4])
            && message[(end - 4)..end].SequenceEqual(Question.Span[^4..]);
    }

    private bool TryReadAdditional(ReadOnlySpan<byte> records, int count)
    {
        if (count > MostAdditional)
            return false;
        for (; count > 0; count--)
        {
            var fixedPart = DnsName.Skip(records, 0);
            if (fixedPart < 0 || fixedPart + 10 > records.Length)
                return false;
            var record = records[fixedPart..];
            var end = 10 + BinaryPrimitives.ReadUInt16BigEndian(record[8..]);
            if (end > record.Length)
                return false;
            // A second OPT is a format error (RFC 6891, 6.1.1), and so is one that is not at the root.
            if (BinaryPrimitives.ReadUInt16BigEndian(record) == DnsType.Opt && (HasEdns || fixedPart != 1 || !TryReadOpt(record[..end])))
                return false;
            records = record[end..];
        }
        return true;
    }

    private bool TryReadOpt(ReadOnlySpan<byte> record)
    {
        HasEdns = true;
        UdpSize = Math.Max(ClassicSize, (int)BinaryPrimitives.ReadUInt16BigEndian(record[2..]));
        EdnsVersion = record[5];
        DnssecOk = (record[6] & 0x80) != 0;
        var kept = new List<byte>();
        for (var options = record[10..]; options.Length > 0;)
        {
            if (options.Length < 4)
                return false;
            var end = 4 + BinaryPrimitives.ReadUInt16BigEndian(options[2..]);
            if (end > options.Length)
                return false;
            if (!IsForNextHop(BinaryPrimitives.ReadUInt16BigEndian(options)))
                kept.AddRange(options[..end]);
            options = options[end..];
        }
        Options = kept.ToArray();
        return true;
    }

    /// <summary>Between two neighbours only: cookies (RFC 7873), TCP keep-alive (RFC 7828), padding (RFC 7830).</summary>
    private static bool IsForNextHop(ushort option) => option is 10 or 11 or 12;
}
