using FwRedirect.ControlChannel.Names;
using FwRedirect.ControlChannel.Wire;

namespace FwRedirect.ControlChannel.Messages;

/// <summary>A request failed: its reply is a Winsock error and a sentence that says what happened.</summary>
/// <param name="Request">The request that it answers.</param>
/// <param name="Error">What the program shall see.</param>
/// <param name="Sentence">For a person who reads the log.</param>
public sealed record ErrorReply(OpCode Request, WinsockError Error, string Sentence) : RwsMessage
{
    public override OpCode OpCode => OpCode.ErrorReply;

    public override bool FromFirewall => true;

    public override OpCode? AnswersTo => Request;

    /// <summary>A look-up's "no such name" or "no such record": the zone that says so, where the firewall knows it.</summary>
    public StartOfAuthority? Authority { get; init; }

    public override string Describe() => $"RWS:{Prefix} to {Application} failed; {(int)Error} {Error}: {Sentence}";

    private string Prefix => Request switch
    {
        OpCode.ChannelSetupRequest => "Channel setup response",
        OpCode.GetHostByName or OpCode.GetHostByAddress => $"{Id} Host entry response",
        OpCode.DnsQuery => $"{Id} DNS answer",
        OpCode.Connect => $"{Id} Connect reply",
        OpCode.Bind => $"{Id} Bind reply",
        OpCode.Listen => $"{Id} Listen reply",
        OpCode.Resume => "Resume",
        _ => $"{Id} Reply",
    };

    //  Request    u16        opcode of the request
    //  Error      u32
    //  Sentence   string16
    //  tagged fields: StartOfAuthority
    internal static ErrorReply ReadBody(ref RwsReader reader)
    {
        var request = (OpCode)reader.ReadUInt16("Request");
        var error = (WinsockError)reader.ReadUInt32("Error");
        var sentence = reader.ReadString("Sentence", RwsLimits.Sentence);
        return new ErrorReply(request, error, sentence) { Authority = TaggedFields.Read(ref reader).StartOfAuthority };
    }

    internal override void WriteBody(RwsWriter writer)
    {
        writer.WriteUInt16((ushort)Request);
        writer.WriteUInt32((uint)Error);
        writer.WriteSentence(Sentence);
        if (Authority is not null)
            StartOfAuthorityField.Write(Authority, writer);
    }
}
