using System.Net;
using FwRedirect.ControlChannel.Wire;

namespace FwRedirect.ControlChannel.Messages;

/// <summary>
/// A program connects to a destination that is not local, or its UDP socket sends to one for the first time. The client's source is announced before it is used.
/// </summary>
/// <param name="Destination">Where the program connects to.</param>
/// <param name="Source">The address and port that the client will send from; the firewall accepts inside only that one.</param>
/// <param name="DestinationName">The name that the program looked up to get the address, where that is known.</param>
public sealed record ConnectRequest(IPEndPoint Destination, IPEndPoint Source, string? DestinationName = null) : RwsMessage
{
    /// <summary>The bound UDP socket whose peer the destination is; null for a TCP connection.</summary>
    public Association? Association { get; init; }

    public override OpCode OpCode => OpCode.Connect;

    public override string Describe() =>
        $"RWS:{Id} New Connect request from {Application} to {Destination.Slash()}; client will send from {Source.Slash()}"
        + (Association is { } association ? $", {association}" : "");

    //  Destination   endpoint
    //  Source        endpoint
    //  tagged fields: DestinationName, Association
    internal static ConnectRequest ReadBody(ref RwsReader reader)
    {
        var destination = reader.ReadEndpoint("Destination");
        var source = reader.ReadEndpoint("Source");
        var tags = TaggedFields.Read(ref reader);
        return new ConnectRequest(destination, source, tags.DestinationName) { Association = tags.Association };
    }

    internal override void WriteBody(RwsWriter writer)
    {
        writer.WriteEndpoint(Destination);
        writer.WriteEndpoint(Source);
        if (DestinationName is not null)
            writer.WriteTag(FieldTag.DestinationName, DestinationName, RwsLimits.HostName);
        Association?.Write(writer);
    }
}

/// <summary>The outside connection stands, or the UDP peer is allowed, and the firewall waits inside: all four endpoints.</summary>
/// <param name="Source">Echo of the announced source.</param>
/// <param name="Inside">Where the client's packets go: the firewall's inside address and port.</param>
/// <param name="Outside">What the server sees: the firewall's outside address and port.</param>
/// <param name="Server">The destination that was reached; for UDP, the peer.</param>
public sealed record ConnectReply(IPEndPoint Source, IPEndPoint Inside, IPEndPoint Outside, IPEndPoint Server) : RwsMessage
{
    public override OpCode OpCode => OpCode.ConnectReply;

    public override bool FromFirewall => true;

    public override OpCode? AnswersTo => OpCode.Connect;

    public override string Describe() =>
        $"RWS:{Id} Connect reply to {Application}; using {Source.Slash()} with {Inside.Slash()} == {Outside.Slash()} with {Server.Slash()}";

    //  Source    endpoint
    //  Inside    endpoint
    //  Outside   endpoint
    //  Server    endpoint
    //  tagged fields
    internal static ConnectReply ReadBody(ref RwsReader reader)
    {
        var reply = new ConnectReply(
            reader.ReadEndpoint("Source"), reader.ReadEndpoint("Inside"), reader.ReadEndpoint("Outside"), reader.ReadEndpoint("Server"));
        _ = TaggedFields.Read(ref reader);
        return reply;
    }

    internal override void WriteBody(RwsWriter writer)
    {
        writer.WriteEndpoint(Source);
        writer.WriteEndpoint(Inside);
        writer.WriteEndpoint(Outside);
        writer.WriteEndpoint(Server);
    }
}
