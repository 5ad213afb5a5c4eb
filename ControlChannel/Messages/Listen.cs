using System.Net;
using FwRedirect.ControlChannel.Wire;

namespace FwRedirect.ControlChannel.Messages;

/// <summary>
/// The bound socket listens now. The article's table prints the arrows of this exchange the wrong way round; its sentence says that the client asks and the
/// firewall answers, and so it is here.
/// </summary>
/// <param name="Outside">What the Bind reply gave.</param>
/// <param name="Backlog">How many outside connections may wait.</param>
public sealed record ListenRequest(IPEndPoint Outside, ushort Backlog) : RwsMessage
{
    public override OpCode OpCode => OpCode.Listen;

    public override string Describe() => $"RWS:{Id} Listen on {Outside.Slash()} from {Application}";

    //  Outside   endpoint
    //  Backlog   u16
    //  tagged fields
    internal static ListenRequest ReadBody(ref RwsReader reader)
    {
        var request = new ListenRequest(reader.ReadEndpoint("Outside"), reader.ReadUInt16("Backlog"));
        _ = TaggedFields.Read(ref reader);
        return request;
    }

    internal override void WriteBody(RwsWriter writer)
    {
        writer.WriteEndpoint(Outside);
        writer.WriteUInt16(Backlog);
    }
}

/// <summary>The firewall listens outside.</summary>
public sealed record ListenReply(IPEndPoint Outside) : RwsMessage
{
    public override OpCode OpCode => OpCode.ListenReply;

    public override bool FromFirewall => true;

    public override OpCode? AnswersTo => OpCode.Listen;

    public override string Describe() => $"RWS:{Id} Listen reply to {Outside.Slash()} on {Application} successful";

    //  Outside   endpoint
    //  tagged fields
    internal static ListenReply ReadBody(ref RwsReader reader)
    {
        var reply = new ListenReply(reader.ReadEndpoint("Outside"));
        _ = TaggedFields.Read(ref reader);
        return reply;
    }

    internal override void WriteBody(RwsWriter writer) => writer.WriteEndpoint(Outside);
}
