using System.Buffers.Binary;
using System.Net;

namespace FwRedirect.ControlChannel.Names;

/// <summary>What a DNS answer that is handed on as it is says to those on its way.</summary>
internal static class DnsReply
{
    public static DnsResponseCode Code(ReadOnlySpan<byte> message) => (DnsResponseCode)(message[3] & 15);

    public static bool IsTruncated(ReadOnlySpan<byte> message) => (message[2] & 0x02) != 0;

    public static int Answers(ReadOnlySpan<byte> message) => BinaryPrimitives.ReadUInt16BigEndian(message[6..]);

    /// <summary>True where every record can be read.</summary>
    public static bool IsWhole(ReadOnlySpan<byte> message)
    {
        var records = new DnsRecordReader(message);
        while (records.MoveNext())
        {
        }
        return !records.IsBroken;
    }

    /// <summary>Seconds for which it may be kept: the shortest of its records; for an absence what the SOA says (RFC 2308, 5). 0: not at all.</summary>
    public static uint TimeToLive(ReadOnlySpan<byte> message)
    {
        var code = Code(message);
        if (IsTruncated(message) || code is not (DnsResponseCode.NoError or DnsResponseCode.NameError))
            return 0;
        var isAbsence = code == DnsResponseCode.NameError || Answers(message) == 0;
        var shortest = uint.MaxValue;
        var hasAuthority = false;
        var records = new DnsRecordReader(message);
        while (records.MoveNext())
        {
            if (records.Type == DnsType.Opt)
                continue;
            shortest = Math.Min(shortest, records.Ttl);
            // The minimum is the last of the SOA's numbers.
            if (isAbsence && records is { Section: 2, Type: DnsType.StartOfAuthority, Data.Length: >= 22 })
            {
                hasAuthority = true;
                shortest = Math.Min(shortest, BinaryPrimitives.ReadUInt32BigEndian(records.Data[^4..]));
            }
        }
        return records.IsBroken || shortest == uint.MaxValue || (isAbsence && !hasAuthority) ? 0 : shortest;
    }

    /// <summary>The addresses in its answer section.</summary>
    public static List<IPAddress> Addresses(ReadOnlySpan<byte> message)
    {
        var addresses = new List<IPAddress>();
        var records = new DnsRecordReader(message);
        while (records.MoveNext() && records.Section == 1)
        {
            if ((records.Type, records.Data.Length) is (DnsType.A, 4) or (DnsType.Aaaa, 16))
                addresses.Add(new IPAddress(records.Data));
        }
        return addresses;
    }

    /// <summary>
    /// The same answer for one of those who asked: its id, its bits, its question in its own case, lifetimes less the age. More than it takes over UDP becomes TC without records,
    /// so that it asks again over TCP.
    /// </summary>
    /// <param name="message">A whole answer to the same question.</param>
    /// <param name="age">In seconds.</param>
    public static byte[] For(DnsQuery query, ReadOnlySpan<byte> message, uint age)
    {
        if (message.Length > DnsAnswerWriter.LimitFor(query))
            return new DnsAnswerWriter(query) { IsTruncated = true }.Finish(Code(message));
        var answer = message.ToArray();
        BinaryPrimitives.WriteUInt16BigEndian(answer, query.Id);
        answer[2] = (byte)((answer[2] & ~0x01) | (query.RecursionDesired ? 0x01 : 0));
        // RA: whoever gets it may go on asking here.
        answer[3] = (byte)((answer[3] & ~0x10) | 0x80 | (query.CheckingDisabled ? 0x10 : 0));
        query.Question.Span.CopyTo(answer.AsSpan(DnsQuery.HeaderLength));
        var records = new DnsRecordReader(answer);
        while (records.MoveNext())
        {
            if (records.Type == DnsType.Opt)
                BinaryPrimitives.WriteUInt16BigEndian(answer.AsSpan(records.TtlOffset - 2), DnsQuery.OwnUdpSize);
            else
                BinaryPrimitives.WriteUInt32BigEndian(answer.AsSpan(records.TtlOffset), records.Ttl - Math.Min(records.Ttl, age));
        }
        return answer;
    }
}
