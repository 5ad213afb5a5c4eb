using System.Net;
using FwRedirect.ControlChannel.Messages;

namespace FwRedirect.Diagnostics.Rendering;

/// <summary>What <c>--json</c> says of a control message beside its line.</summary>
/// <param name="Id">Of the object, as the line prints it.</param>
/// <param name="OpCode">Its name in PROTOCOL.md.</param>
/// <param name="Application">The program's executable.</param>
/// <param name="Endpoints">By role, <c>address:port</c>.</param>
internal sealed record TraceRws(string Id, string OpCode, string Application, IReadOnlyDictionary<string, string> Endpoints)
{
    public static TraceRws From(RwsMessage message) =>
        new(message.Id.ToString(), message.OpCode.ToString(), message.Application, Roles(message).ToDictionary(r => r.Role, r => r.Endpoint.ToString()));

    private static (string Role, IPEndPoint Endpoint)[] Roles(RwsMessage message) => message switch
    {
        ConnectRequest m => [("destination", m.Destination), ("client", m.Source)],
        ConnectReply m => [("client", m.Source), ("inside", m.Inside), ("outside", m.Outside), ("server", m.Server)],
        BindRequest m => [("wanted", m.Wanted), ("client", m.ClientEndpoint)],
        BindReply m => [("outside", m.Outside)],
        ListenRequest m => [("outside", m.Outside)],
        ListenReply m => [("outside", m.Outside)],
        NewMapping m => [("server", m.Peer), ("outside", m.Outside), ("inside", m.Inside), ("client", m.ClientEndpoint)],
        MappingError m => [("server", m.Peer)],
        MappingReceived m => [("server", m.Peer), ("outside", m.Outside), ("inside", m.Inside), ("client", m.ClientEndpoint)],
        _ => [],
    };
}
