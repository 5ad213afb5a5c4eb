using System.Net;
using System.Net.Sockets;
using FwRedirect.ControlChannel.Messages;
using FwRedirect.ControlChannel.Session;
using FwRedirect.ControlChannel.Wire;
using FwRedirect.FirewallHost.Configuration;
using FwRedirect.FirewallHost.Policy;
using FwRedirect.FirewallHost.Sockets;
using FwRedirect.FirewallHost.Sockets.Udp;
using Microsoft.Extensions.Logging;

namespace FwRedirect.FirewallHost.Control;

/// <summary>
/// UDP of one session: Bind makes a socket outside, Connect allows a peer and gives it an inside port, unknown peers are announced. Datagrams themselves go from socket to
/// socket without passing here.
/// </summary>
internal sealed partial class ClientAssociations : IAssociationOwner
{
    private readonly SessionContext _session;
    private readonly SessionAssociations _associations;
    private readonly MappingReports _reports;
    private readonly Firewall _firewall;
    private readonly ILogger _logger;
    private ITimer? _sweep;

    public ClientAssociations(SessionContext session)
    {
        _session = session;
        _associations = session.Associations;
        _reports = new MappingReports(session);
        _firewall = session.Firewall;
        _logger = session.Firewall.DatagramLogger;
    }

    public void Bind(BindRequest request)
    {
        var handle = _firewall.NextConnection();
        try
        {
            var wanted = Allowed(request);
            var socket = OutsideDatagramPorts.Bind(wanted, _associations.PortBehindNeighbour(request.ClientEndpoint), _logger);
            var association = new UdpAssociation(
                request.Id, request.ClientEndpoint, socket, this, _firewall.Options.Udp, _firewall.Dropped, _firewall.Time);
            if (!_associations.TryAdd(association, out var displaced))
            {
                association.Dispose();
                throw new SocketFailure(WinsockError.WSAEINVAL, $"{request.Id} is in use");
            }

            _sweep ??= _firewall.Time.CreateTimer(_ => EndIdle(), null, Limits.UdpSweep, Limits.UdpSweep);
            if (displaced is not null)
                Evict(displaced);
            _session.Reply(request, new BindReply(association.Outside), handle);
            // After the reply, so that no New mapping comes before it.
            association.Start();
        }
        catch (SocketFailure failure)
        {
            LogBindFailed(_session.Name, request.Id, _session.UserName, failure.Message);
            _session.Fail(request, failure.Error, failure.Message, handle);
        }
    }

    /// <summary>The socket takes datagrams of unknown peers from here on, as far as the rules allow.</summary>
    public void Listen(ListenRequest request, UdpAssociation association)
    {
        if (association.Listens || !association.Outside.Equals(request.Outside))
        {
            _session.Fail(
                request, WinsockError.WSAEINVAL,
                $"{request.Id} is bound to {association.Outside.Slash()}{(association.Listens ? " and listens already" : $", not to {request.Outside.Slash()}")}");
            return;
        }

        _session.Reply(request, new ListenReply(association.Outside));
        association.Listens = true;
    }

    public void Connect(ConnectRequest request, ObjectId socket)
    {
        var number = _firewall.NextConnection();
        var entry = _session.NewEntry(number, inbound: false, request.Source) with
        {
            Protocol = "UDP",
            Remote = request.Destination,
            RemoteName = request.DestinationName,
        };
        var evicted = new List<PeerMapping>();
        try
        {
            var association = _associations.Find(socket) ?? throw new SocketFailure(WinsockError.WSAEINVAL, $"{socket} is not bound");
            if (!association.Client.Equals(request.Source))
                throw new SocketFailure(WinsockError.WSAEINVAL, $"{socket} is bound to {association.Client.Slash()}, not to {request.Source.Slash()}");
            if (_session.OfOtherVersion(request.Destination.Address) is { } other)
                throw other;
            if (request.Destination.Port == 0)
                throw new SocketFailure(WinsockError.WSAEADDRNOTAVAIL, $"{request.Destination.Slash()} is no endpoint: its port is 0");
            entry = entry with { Outside = association.Outside };
            var decision = _firewall.Policy.Connect(
                _session.Identity.User, _session.Identity.Application, request.Destination, request.DestinationName, RuleProtocol.Udp,
                isPublished: _firewall.Open.HasDatagramSocket);
            entry = entry with { Rule = decision.Rule };
            if (!decision.Allowed)
                throw new SocketFailure(WinsockError.WSAEACCES, $"{request.Destination.Slash()} is {decision.Sentence}");

            var mapping = _associations.Connect(association, request.Destination, request.Id, number, evicted);
            (mapping.Rule, mapping.PeerName) = (decision.Rule, request.DestinationName);
            _reports.ReportEvicted(evicted);
            _session.Reply(request, new ConnectReply(request.Source, mapping.Port.Endpoint, association.Outside, request.Destination), mapping.Number);
        }
        catch (SocketFailure failure)
        {
            _reports.ReportEvicted(evicted);
            LogPeerFailed(_session.Name, request.Id, request.Destination.Slash(), failure.Message);
            _firewall.AccessLog.Write(entry with { Action = failure.Error == WinsockError.WSAEACCES ? "Denied" : "Failed", Result = failure.Error.ToString() });
            _session.Fail(request, failure.Error, failure.Message, number);
        }
    }

    public void MappingReceived(MappingReceived received)
    {
        if (_associations.FindMapping(received.FirewallMapping) is not { } mapping || mapping.Association.Id != received.Id)
            return;
        var association = mapping.Association;
        if (received.Peer.Equals(mapping.Peer) && received.Inside.Equals(mapping.Port.Endpoint)
            && received.Outside.Equals(association.Outside) && received.ClientEndpoint.Equals(association.Client))
            _associations.Confirm(mapping);
        else
            LogOtherMap(_session.Name, received.Id, received.FirewallMapping);
    }

    /// <summary>By a mapping's number or the id of its Connect it ends that peer, by the socket's id everything.</summary>
    public void Close(Close close)
    {
        if (close.FirewallMapping != 0)
        {
            if (_associations.FindMapping(close.FirewallMapping) is { } mapping && mapping.Association.Id == close.Id)
                End(mapping, MappingEnd.Closed, tellClient: false);
        }
        else if (_associations.Find(close.Id) is { } association)
        {
            End(association, MappingEnd.Closed, tellClient: false);
        }
        else if (_associations.FindConnect(close.Id) is { } mapping)
        {
            End(mapping, MappingEnd.Closed, tellClient: false);
        }
    }

    /// <summary>The session's end.</summary>
    public void End()
    {
        _sweep?.Dispose();
        foreach (var association in _associations.End())
            End(association, MappingEnd.SessionEnded, tellClient: false);
    }

    public void Stranger(UdpAssociation association, ReadOnlySpan<byte> datagram, SocketAddress from)
    {
        var peer = (IPEndPoint)association.Outside.Create(from);
        var decision = association.Admits(peer.Address)
            ? _firewall.Policy.Accept(_session.Identity.User, _session.Identity.Application, peer.Address, RuleProtocol.Udp)
            : new AccessDecision(false, "");
        if (!decision.Allowed || peer.Port == 0)
        {
            association.Drop(DropReason.NotAllowed, from);
            return;
        }

        var evicted = new List<PeerMapping>();
        try
        {
            if (_associations.Meet(association, peer, _firewall.NextConnection(), evicted, out var isNew) is not { } mapping)
            {
                association.Drop(DropReason.NoRoom, from);
                return;
            }

            mapping.SendIn(datagram);
            if (!isNew)
                return;
            mapping.Rule = decision.Rule;
            _session.Send(new NewMapping(peer, association.Outside, mapping.Port.Endpoint, association.Client)
            {
                Id = association.Id,
                FirewallMapping = mapping.Number,
            });
        }
        catch (SocketFailure)
        {
            association.Drop(DropReason.NoRoom, from);
        }
        finally
        {
            _reports.ReportEvicted(evicted);
        }
    }

    public void Undelivered(PeerMapping mapping, SocketError error)
    {
        if (mapping.MayTellError(_firewall.Time.Milliseconds()))
            _reports.TellError(mapping, error);
    }

    public void TooLarge(PeerMapping mapping, int mtu)
    {
        if (mapping.MayTellError(_firewall.Time.Milliseconds()))
            _reports.TellTooLarge(mapping, mtu);
    }

    public void Evict(UdpAssociation association) => End(association, MappingEnd.Evicted, tellClient: true);

    private IPEndPoint Allowed(BindRequest request)
    {
        if (!_session.IsOwn(request.ClientEndpoint.Address) || request.ClientEndpoint.Port == 0)
            throw new SocketFailure(WinsockError.WSAEINVAL, $"{request.ClientEndpoint.Slash()} is not an endpoint of the client of this control channel");
        var outside = _session.OutsideFor(request);
        if (_session.Bindings.Find(request.Id) is not null)
            throw new SocketFailure(WinsockError.WSAEINVAL, $"{request.Id} is in use");
        var decision = _firewall.Policy.Bind(_session.Identity.User, _session.Identity.Application, RuleProtocol.Udp);
        if (!decision.Allowed)
            throw new SocketFailure(WinsockError.WSAEACCES, $"binding outside is {decision.Sentence}");
        return new IPEndPoint(outside, request.Wanted.Port);
    }

    private void EndIdle()
    {
        var (notAcknowledged, idleMappings, idleSockets) = _associations.FindIdle();
        foreach (var mapping in notAcknowledged)
            End(mapping, MappingEnd.NotAcknowledged, tellClient: true);
        foreach (var mapping in idleMappings)
            End(mapping, MappingEnd.Idle, tellClient: true);
        foreach (var association in idleSockets)
            End(association, MappingEnd.Idle, tellClient: true);
    }

    private void End(PeerMapping mapping, MappingEnd end, bool tellClient)
    {
        if (_associations.Remove(mapping))
            _reports.Report(mapping, end, tellClient);
    }

    private void End(UdpAssociation association, MappingEnd end, bool tellClient)
    {
        if (_associations.Remove(association) is { } mappings)
            _reports.Report(association, mappings, end, tellClient);
    }

    [LoggerMessage(550, LogLevel.Information, "{Session} {Id}: UDP bind by {User} failed: {Reason}")]
    private partial void LogBindFailed(string session, ObjectId id, string user, string reason);

    [LoggerMessage(551, LogLevel.Information, "{Session} {Id}: no mapping to {Peer}: {Reason}")]
    private partial void LogPeerFailed(string session, ObjectId id, string peer, string reason);

    [LoggerMessage(552, LogLevel.Warning, "{Session} {Id}: Mapping received for {Mapping} speaks of other endpoints; it counts for nothing")]
    private partial void LogOtherMap(string session, ObjectId id, uint mapping);
}
