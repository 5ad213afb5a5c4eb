using System.Net;
using FwRedirect.ControlChannel.Wire;

namespace FwRedirect.ControlChannel.Messages;

/// <summary>
/// Somebody connected to a listening socket: the firewall says from where it will connect to the program, before it does. One listening socket has many
/// mappings, each with an id of its own in <see cref="RwsMessage.FirewallMapping"/>.
/// </summary>
/// <param name="Peer">Who connected outside.</param>
/// <param name="Outside">The firewall's outside socket.</param>
/// <param name="Inside">The inside address and port that the firewall will connect from.</param>
/// <param name="ClientEndpoint">The program's bound socket, that it will connect to.</param>
public sealed record NewMapping(IPEndPoint Peer, IPEndPoint Outside, IPEndPoint Inside, IPEndPoint ClientEndpoint) : RwsMessage
{
    public override OpCode OpCode => OpCode.NewMapping;

    public override bool FromFirewall => true;

    /// <summary>False: its endpoints could not be of one flow.</summary>
    internal bool IsOfOneVersion => Inside.AddressFamily == ClientEndpoint.AddressFamily && Peer.AddressFamily == ClientEndpoint.AddressFamily;

    /// <summary>What the client says when it is ready: the same map, under the same ids.</summary>
    internal MappingReceived Received() => new(ClientEndpoint, Inside, Outside, Peer)
    {
        Id = Id,
        FirewallHandle = FirewallHandle,
        FirewallMapping = FirewallMapping,
        ClientMapping = FirewallMapping,
    };

    public override string Describe() =>
        $"RWS:{Id} New mapping to {Application}; {Peer.Slash()} with {Outside.Slash()} == {Inside.Slash()} with {ClientEndpoint.Slash()}";

    //  Peer             endpoint
    //  Outside          endpoint
    //  Inside           endpoint
    //  ClientEndpoint   endpoint
    //  tagged fields
    internal static NewMapping ReadBody(ref RwsReader reader)
    {
        var mapping = new NewMapping(
            reader.ReadEndpoint("Peer"), reader.ReadEndpoint("Outside"), reader.ReadEndpoint("Inside"), reader.ReadEndpoint("ClientEndpoint"));
        _ = TaggedFields.Read(ref reader);
        return mapping;
    }

    internal override void WriteBody(RwsWriter writer)
    {
        writer.WriteEndpoint(Peer);
        writer.WriteEndpoint(Outside);
        writer.WriteEndpoint(Inside);
        writer.WriteEndpoint(ClientEndpoint);
    }
}

/// <summary>
/// The client is ready for the connection: the full map as it understands it. The article prints no line for it; ours is in its style, read from the client's side.
/// A client that does not want the mapping sends Close with the mapping's ids instead.
/// </summary>
public sealed record MappingReceived(IPEndPoint ClientEndpoint, IPEndPoint Inside, IPEndPoint Outside, IPEndPoint Peer) : RwsMessage
{
    public override OpCode OpCode => OpCode.MappingReceived;

    public override string Describe() =>
        $"RWS:{Id} Mapping received from {Application}; {ClientEndpoint.Slash()} with {Inside.Slash()} == {Outside.Slash()} with {Peer.Slash()}";

    //  ClientEndpoint   endpoint
    //  Inside           endpoint
    //  Outside          endpoint
    //  Peer             endpoint
    //  tagged fields
    internal static MappingReceived ReadBody(ref RwsReader reader)
    {
        var received = new MappingReceived(
            reader.ReadEndpoint("ClientEndpoint"), reader.ReadEndpoint("Inside"), reader.ReadEndpoint("Outside"), reader.ReadEndpoint("Peer"));
        _ = TaggedFields.Read(ref reader);
        return received;
    }

    internal override void WriteBody(RwsWriter writer)
    {
        writer.WriteEndpoint(ClientEndpoint);
        writer.WriteEndpoint(Inside);
        writer.WriteEndpoint(Outside);
        writer.WriteEndpoint(Peer);
    }
}
