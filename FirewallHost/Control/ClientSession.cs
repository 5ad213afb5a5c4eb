using System.Diagnostics.CodeAnalysis;
using System.Net;
using FwRedirect.ControlChannel.Messages;
using FwRedirect.ControlChannel.Server;
using FwRedirect.ControlChannel.Wire;
using Microsoft.Extensions.Logging;

namespace FwRedirect.FirewallHost.Control;

/// <summary>One control channel's requests, handed to who does them.</summary>
/// <param name="inside">The local address of the control connection.</param>
[SuppressMessage("Design", "CA1001", Justification = "Closed ends the session, and with it what it owns; nobody else knows when that is.")]
internal sealed partial class ClientSession(Firewall firewall, IPAddress inside) : IServerChannelHandler
{
    private readonly ILogger _logger = firewall.SessionLogger;
    private SessionContext? _session;
    private LookUps? _lookUps;
    private ClientConnections? _connections;
    private ClientBindings? _bindings;
    private ClientAssociations? _associations;
    private ClientEchoes? _echoes;

    public void Opened(IServerChannel channel)
    {
        _session = new SessionContext(firewall, channel, inside);
        _lookUps = new LookUps(_session);
        _connections = new ClientConnections(_session);
        _bindings = new ClientBindings(_session);
        _associations = new ClientAssociations(_session);
        _echoes = new ClientEchoes(_session);
        LogOpened(_session.Name, _session.Identity.Application, _session.UserName, channel.Identity.RemoteEndPoint?.Slash() ?? "-");
    }

    public void Request(RwsMessage message)
    {
        switch (message)
        {
            case GetHostByName look:
                _lookUps!.Ask(look);
                break;
            case GetHostByAddress look:
                _lookUps!.Ask(look);
                break;
            case DnsQueryRequest query:
                _lookUps!.Ask(query);
                break;
            case ConnectRequest or BindRequest when _session!.Associations.Owns(message.Id):
                _session.Fail(message, WinsockError.WSAEINVAL, $"{message.Id} is in use");
                break;
            case ConnectRequest { Association: { } association } connect:
                _associations!.Connect(connect, association.Socket);
                break;
            case ConnectRequest connect:
                _connections!.Connect(connect);
                break;
            case BindRequest { Protocol: BindProtocol.Udp } bind:
                _associations!.Bind(bind);
                break;
            case BindRequest bind:
                _bindings!.Bind(bind);
                break;
            case ListenRequest listen when _session!.Associations.Find(listen.Id) is { } association:
                _associations!.Listen(listen, association);
                break;
            case ListenRequest listen:
                _bindings!.Listen(listen);
                break;
            case EchoRequest echo:
                _echoes!.Ask(echo);
                break;
            case MappingReceived received:
                // The numbers are the firewall's own: at most one of the two knows it.
                _associations!.MappingReceived(received);
                _bindings!.MappingReceived(received);
                break;
            case Close close:
                _associations!.Close(close);
                _bindings!.Close(close);
                _connections!.Close(close.Id);
                break;
            default:
                _session!.Fail(message, WinsockError.WSAEOPNOTSUPP, $"the firewall does not know {message.OpCode}");
                break;
        }
    }

    /// <summary>Listeners first, so that nothing new comes; then what is pending; then the relays, reset so that nobody takes the cut for an orderly end.</summary>
    public void Closed(string reason)
    {
        if (_session is null)
            return;
        _bindings!.StopListening();
        _associations!.End();
        _echoes!.Dispose();
        _session.Dispose();
        _bindings.DropPending();
        _session.Relays.End();
        LogClosed(_session.Name, reason);
    }

    [LoggerMessage(530, LogLevel.Information, "{Session}: {Application} of {User} from {Client}")]
    private partial void LogOpened(string session, string application, string user, string client);

    [LoggerMessage(531, LogLevel.Information, "{Session}: ended: {Reason}")]
    private partial void LogClosed(string session, string reason);
}
