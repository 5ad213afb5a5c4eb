using System.Buffers.Binary;

namespace FwRedirect.ControlChannel.Names;

/// <summary>DNS messages in words, for traces and logs. Never fails: what it can not read it calls damaged.</summary>
internal static class DnsText
{
    private static readonly string[] Codes = ["NOERROR", "FORMERR", "SERVFAIL", "NXDOMAIN", "NOTIMP", "REFUSED"];

    /// <summary>'_sip._tcp.contoso.com' SRV</summary>
    public static string Question(ReadOnlySpan<byte> message)
    {
        var offset = DnsQuery.HeaderLength;
        if (message.Length < offset || BinaryPrimitives.ReadUInt16BigEndian(message[4..]) != 1
            || !DnsName.TryRead(message, ref offset, out var name) || offset + 4 > message.Length)
        {
            return "damaged";
        }
        return $"'{name}' {DnsType.Text(BinaryPrimitives.ReadUInt16BigEndian(message[offset..]))}";
    }

    /// <summary>NOERROR, 2 records</summary>
    public static string Result(ReadOnlySpan<byte> message)
    {
        if (message.Length < DnsQuery.HeaderLength)
            return "damaged";
        var code = message[3] & 15;
        return $"{(code < Codes.Length ? Codes[code] : $"RCODE{code}")}, {DnsReply.Answers(message)} records";
    }
}
