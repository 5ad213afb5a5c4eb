using System.Net;
using FwRedirect.ControlChannel.Wire;

namespace FwRedirect.ControlChannel.Messages;

/// <summary>A program has a bound socket that the outside shall reach.</summary>
/// <param name="Protocol">IP protocol number: 6 TCP, 17 UDP.</param>
/// <param name="Wanted">The outside address and port that are asked for; port 0 is "Dynamic".</param>
/// <param name="ClientEndpoint">Where the program's own socket is bound; the firewall connects there later.</param>
public sealed record BindRequest(byte Protocol, IPEndPoint Wanted, IPEndPoint ClientEndpoint) : RwsMessage
{
    public override OpCode OpCode => OpCode.Bind;

    public override string Describe() =>
        $"RWS:{Id} {ProtocolName} bind request from {Application} to {Wanted.SlashOrDynamic()}. {Application} bound to {ClientEndpoint.Slash()}";

    private string ProtocolName => Protocol switch { BindProtocol.Tcp => "TCP", BindProtocol.Udp => "UDP", _ => $"IP protocol {Protocol}" };

    //  Protocol         u8
    //  Wanted           endpoint   port 0: dynamic
    //  ClientEndpoint   endpoint
    //  tagged fields
    internal static BindRequest ReadBody(ref RwsReader reader)
    {
        var request = new BindRequest(reader.ReadByte("Protocol"), reader.ReadEndpoint("Wanted"), reader.ReadEndpoint("ClientEndpoint"));
        _ = TaggedFields.Read(ref reader);
        return request;
    }

    internal override void WriteBody(RwsWriter writer)
    {
        writer.WriteByte(Protocol);
        writer.WriteEndpoint(Wanted);
        writer.WriteEndpoint(ClientEndpoint);
    }
}

/// <summary>The firewall's outside socket is bound.</summary>
/// <param name="Outside">Its address and the port that it got. The program itself still sees its own.</param>
public sealed record BindReply(IPEndPoint Outside) : RwsMessage
{
    public override OpCode OpCode => OpCode.BindReply;

    public override bool FromFirewall => true;

    public override OpCode? AnswersTo => OpCode.Bind;

    public override string Describe() => $"RWS:{Id} Bind reply to {Application} on {Outside.Slash()} successful";

    //  Outside   endpoint
    //  tagged fields
    internal static BindReply ReadBody(ref RwsReader reader)
    {
        var reply = new BindReply(reader.ReadEndpoint("Outside"));
        _ = TaggedFields.Read(ref reader);
        return reply;
    }

    internal override void WriteBody(RwsWriter writer) => writer.WriteEndpoint(Outside);
}
