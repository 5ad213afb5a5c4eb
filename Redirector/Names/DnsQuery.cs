using System.Buffers.Binary;

namespace FwRedirect.Redirector.Names;

/// <summary>One standard query with one question, as a program's resolver sends it over UDP.</summary>
internal sealed class DnsQuery
{
    public const int HeaderLength = 12;

    /// <summary>UDP answers without EDNS (RFC 1035, 4.2.1).</summary>
    public const int ClassicSize = 512;

    /// <summary>Class IN.</summary>
    public const ushort Internet = 1;

    /// <summary>Additional records that are looked through for OPT; a resolver sends one, or two with a signature.</summary>
    private const int MostAdditional = 4;

    private DnsQuery(ushort id, ushort flags, string name, byte[] question)
    {
        Id = id;
        RecursionDesired = (flags & 0x0100) != 0;
        Name = name;
        Question = question;
        Type = BinaryPrimitives.ReadUInt16BigEndian(question.AsSpan(question.Length - 4));
        Class = BinaryPrimitives.ReadUInt16BigEndian(question.AsSpan(question.Length - 2));
    }

    public ushort Id { get; }

    public bool RecursionDesired { get; }

    /// <summary>As asked, case kept; see <see cref="DnsName"/> for its form.</summary>
    public string Name { get; }

    public ushort Type { get; }

    public ushort Class { get; }

    /// <summary>The question's bytes. Resolvers check that its case comes back (draft-vixie-dnsext-dns0x20).</summary>
    public ReadOnlyMemory<byte> Question { get; }

    public bool HasEdns { get; private set; }

    /// <summary>EDNS: the resolver understands DNSSEC; copied to the answer (RFC 3225, 3).</summary>
    public bool DnssecOk { get; private set; }

    /// <summary>Largest answer that the resolver takes over UDP, 512 or more.</summary>
    public int UdpSize { get; private set; } = ClassicSize;

    /// <summary>False for whatever is not such a query: an answer, another opcode, several questions, a compressed or broken name, cut short.</summary>
    public static bool TryParse(ReadOnlySpan<byte> message, out DnsQuery query)
    {
        query = null!;
        if (message.Length < HeaderLength)
            return false;
        var flags = BinaryPrimitives.ReadUInt16BigEndian(message[2..]);
        // QR and opcode 0; one question; no answer and no authority.
        if ((flags & 0xF800) != 0 || BinaryPrimitives.ReadUInt16BigEndian(message[4..]) != 1 || BinaryPrimitives.ReadUInt32BigEndian(message[6..]) != 0)
            return false;
        var offset = HeaderLength;
        if (!DnsName.TryRead(message, ref offset, out var name) || offset + 4 > message.Length)
            return false;
        var parsed = new DnsQuery(BinaryPrimitives.ReadUInt16BigEndian(message), flags, name, message[HeaderLength..(offset + 4)].ToArray());
        if (!parsed.TryReadAdditional(message[(offset + 4)..], BinaryPrimitives.ReadUInt16BigEndian(message[10..])))
            return false;
        query = parsed;
        return true;
    }

    private bool TryReadAdditional(ReadOnlySpan<byte> records, int count)
    {
        if (count > MostAdditional)
            return false;
        for (; count > 0; count--)
        {
            var fixedPart = SkipName(records);
            if (fixedPart < 0 || fixedPart + 10 > records.Length)
                return false;
            var record = records[fixedPart..];
            var end = 10 + BinaryPrimitives.ReadUInt16BigEndian(record[8..]);
            if (end > record.Length)
                return false;
            if (BinaryPrimitives.ReadUInt16BigEndian(record) == DnsType.Opt)
            {
                // A second OPT is a format error (RFC 6891, 6.1.1), and so is one that is not at the root.
                if (HasEdns || fixedPart != 1)
                    return false;
                HasEdns = true;
                UdpSize = Math.Max(ClassicSize, (int)BinaryPrimitives.ReadUInt16BigEndian(record[2..]));
                DnssecOk = (record[6] & 0x80) != 0;
            }
            records = record[end..];
        }
        return true;
    }

    /// <summary>Length of the name at the start of <paramref name="records"/>, never following a pointer; -1 where it is broken.</summary>
    private static int SkipName(ReadOnlySpan<byte> records)
    {
        for (var i = 0; i < records.Length && i < DnsName.LongestWire; i += records[i] + 1)
        {
            if (records[i] == 0)
                return i + 1;
            if (records[i] >= 0xC0)
                return i + 2;
            if (records[i] > 63)
                return -1;
        }
        return -1;
    }
}
