using FwRedirect.ControlChannel.Names;
using FwRedirect.ControlChannel.Wire;

namespace FwRedirect.ControlChannel.Messages;

/// <summary>A program's DNS query of a kind that the other look-ups do not cover: the firewall asks it on as it is.</summary>
/// <param name="Message">A DNS message (RFC 1035, 4) with one question; no length before it.</param>
public sealed record DnsQueryRequest(ReadOnlyMemory<byte> Message) : RwsMessage
{
    public override OpCode OpCode => OpCode.DnsQuery;

    public override string Describe() => $"RWS:{Id} DNS query({DnsText.Question(Message.Span)}) from {Application}";

    //  Message   bytes16
    //  tagged fields
    internal static DnsQueryRequest ReadBody(ref RwsReader reader)
    {
        var message = reader.ReadBytes("Message", RwsLimits.DnsQuery).ToArray();
        _ = TaggedFields.Read(ref reader);
        return new DnsQueryRequest(message);
    }

    internal override void WriteBody(RwsWriter writer) => writer.WriteBytes("Message", Message.Span, RwsLimits.DnsQuery);
}

/// <summary>What a DNS server outside answered, with the query's id and question.</summary>
/// <param name="Message">A DNS message; no length before it.</param>
public sealed record DnsQueryReply(ReadOnlyMemory<byte> Message) : RwsMessage
{
    public override OpCode OpCode => OpCode.DnsAnswer;

    public override bool FromFirewall => true;

    public override OpCode? AnswersTo => OpCode.DnsQuery;

    public override string Describe() => $"RWS:{Id} DNS answer to {Application} for {DnsText.Question(Message.Span)}; {DnsText.Result(Message.Span)}";

    //  Message   bytes16
    //  tagged fields
    internal static DnsQueryReply ReadBody(ref RwsReader reader)
    {
        var message = reader.ReadBytes("Message", RwsLimits.DnsAnswer).ToArray();
        _ = TaggedFields.Read(ref reader);
        return new DnsQueryReply(message);
    }

    internal override void WriteBody(RwsWriter writer) => writer.WriteBytes("Message", Message.Span, RwsLimits.DnsAnswer);
}
