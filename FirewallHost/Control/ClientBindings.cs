using System.Net;
using System.Net.Sockets;
using FwRedirect.ControlChannel.Messages;
using FwRedirect.ControlChannel.Wire;
using FwRedirect.FirewallHost.AccessLog;
using FwRedirect.FirewallHost.Configuration;
using FwRedirect.FirewallHost.Filters.Ftp;
using FwRedirect.FirewallHost.Relay;
using FwRedirect.FirewallHost.Sockets;
using Microsoft.Extensions.Logging;

namespace FwRedirect.FirewallHost.Control;

/// <summary>Bind and Listen requests of one session, and the connections that come for them: accepted outside, announced, acknowledged, made, relayed.</summary>
internal sealed partial class ClientBindings(SessionContext session)
{
    private const int FtpControlPort = 21;

    private readonly Lock _lock = new();
    private readonly Dictionary<uint, PendingMapping> _pending = [];
    private readonly Firewall _firewall = session.Firewall;
    private readonly ILogger _logger = session.Firewall.RelayLogger;
    private bool _ended;

    public void Bind(BindRequest request)
    {
        var handle = _firewall.NextConnection();
        try
        {
            var binding = new Binding(request.Id, Allowed(request), request.ClientEndpoint, _firewall.Claims);
            if (!session.Bindings.TryAdd(binding))
            {
                binding.Dispose();
                throw new SocketFailure(WinsockError.WSAEINVAL, $"{request.Id} is in use");
            }

            session.Reply(request, new BindReply(binding.Outside), handle);
        }
        catch (SocketFailure failure)
        {
            LogBindFailed(session.Name, request.Id, session.UserName, failure.Message);
            session.Fail(request, failure.Error, failure.Message, handle);
        }
    }

    public void Listen(ListenRequest request)
    {
        try
        {
            var binding = session.Bindings.Find(request.Id)
                ?? throw new SocketFailure(WinsockError.WSAEINVAL, $"{request.Id} is not bound");
            if (!binding.Outside.Equals(request.Outside))
                throw new SocketFailure(WinsockError.WSAEINVAL, $"{request.Id} is bound to {binding.Outside.Slash()}, not to {request.Outside.Slash()}");
            binding.Listen(request.Backlog);
            session.Reply(request, new ListenReply(binding.Outside));
            binding.Accept(outside => _ = ServeAsync(binding, outside));
            session.Bindings.Changed();
            _firewall.Open.Changed();
        }
        catch (SocketFailure failure)
        {
            LogBindFailed(session.Name, request.Id, session.UserName, failure.Message);
            session.Fail(request, failure.Error, failure.Message);
        }
    }

    public void MappingReceived(MappingReceived received)
    {
        if (Find(received.FirewallMapping) is { } mapping && !mapping.Confirm(received))
            LogOtherMap(session.Name, received.Id, received.FirewallMapping);
    }

    /// <summary>A Close with a mapping's number refuses that mapping; without one it ends the binding and what the client has not acknowledged.</summary>
    public void Close(Close close)
    {
        if (close.FirewallMapping != 0)
        {
            Find(close.FirewallMapping)?.Refuse();
            return;
        }

        if (session.Bindings.Remove(close.Id) is not { } binding)
            return;
        binding.Dispose();
        // An acknowledged one goes on: FTP clients close the listening socket as soon as they have their one connection.
        foreach (var mapping in Pending(binding).Where(mapping => !mapping.IsConfirmed))
            mapping.Drop();
    }

    /// <summary>The session's end, first step: nobody new is accepted.</summary>
    public void StopListening()
    {
        lock (_lock)
            _ended = true;
        foreach (var binding in session.Bindings.RemoveAll())
            binding.Dispose();
    }

    /// <summary>Second step: what was accepted and not made is reset.</summary>
    public void DropPending()
    {
        foreach (var mapping in Pending(binding: null))
            mapping.Drop();
    }

    private IPEndPoint Allowed(BindRequest request)
    {
        if (request.Protocol != BindProtocol.Tcp)
            throw new SocketFailure(WinsockError.WSAEOPNOTSUPP, $"the firewall binds TCP and UDP, not IP protocol {request.Protocol}");
        if (!session.IsOwn(request.ClientEndpoint.Address) || request.ClientEndpoint.Port == 0)
            throw new SocketFailure(WinsockError.WSAEINVAL, $"{request.ClientEndpoint.Slash()} is not an endpoint of the client of this control channel");
        var outside = session.OutsideFor(request);
        if (session.Bindings.Count + session.Relays.Count >= Limits.ObjectsPerSession)
            throw new SocketFailure(WinsockError.WSAENOBUFS, $"the session has {Limits.ObjectsPerSession} connections and bound sockets, its limit");
        var decision = _firewall.Policy.Bind(session.Identity.User, session.Identity.Application);
        if (!decision.Allowed)
            throw new SocketFailure(WinsockError.WSAEACCES, $"binding outside is {decision.Sentence}");
        return new IPEndPoint(outside, request.Wanted.Port);
    }

    private async Task ServeAsync(Binding binding, Socket outside)
    {
        PendingMapping? mapping = null;
        var handle = _firewall.NextConnection();
        var entry = session.NewEntry(handle, inbound: true, binding.Client);
        using var live = _firewall.Connections.Begin(entry);
        session.Arrivals.Came();
        try
        {
            try
            {
                mapping = Announce(binding, outside, ref entry);
                live.Entry = entry;
                await mapping.MakeAsync(_firewall.Time);
                Forget(mapping);
            }
            finally
            {
                session.Arrivals.Settled();
            }

            var isFtp = binding.Client.Port == FtpControlPort;
            var relay = live.Relay = new SocketRelay(mapping.InsideSocket, mapping.OutsideSocket, isFtp ? FtpReplies : null);
            _firewall.AccessLog.Write(entry.Ended(await session.Relays.RunAsync(relay)));
        }
        catch (SocketFailure failure)
        {
            LogMappingFailed(session.Name, binding.Id, entry.Remote?.Slash() ?? "-", failure.Message);
            _firewall.AccessLog.Write(entry with { Action = failure.Error == WinsockError.WSAEACCES ? "Denied" : "Failed", Result = failure.Error.ToString() });
            if (mapping is not null)
                session.Send(new Close(failure.Message, IsFromFirewall: true) { Id = binding.Id, FirewallMapping = mapping.Id });
        }
        catch (OperationCanceledException)
        {
            // The client may be waiting for the connection: only it knows which ones it has refused.
            if (mapping is { IsRefused: false } && !session.Ended.IsCancellationRequested)
                session.Send(new Close("", IsFromFirewall: true) { Id = binding.Id, FirewallMapping = mapping.Id });
            _firewall.AccessLog.Write(entry with { Action = "Failed", Result = session.Ended.IsCancellationRequested ? "SessionEnded" : "ClosedByClient" });
        }
        catch (Exception e)
        {
            // A peer that is gone before it was looked at, mostly.
            LogMappingFailed(session.Name, binding.Id, entry.Remote?.Slash() ?? "-", e.Message);
        }
        finally
        {
            if (mapping is null)
                outside.Reset();
            else
                Forget(mapping);
            mapping?.Dispose();
        }
    }

    private PendingMapping Announce(Binding binding, Socket outside, ref AccessEntry entry)
    {
        var peer = (IPEndPoint)outside.RemoteEndPoint!;
        var decision = _firewall.Policy.Accept(session.Identity.User, session.Identity.Application, peer.Address);
        entry = entry with { Remote = peer, Outside = binding.Outside, Rule = decision.Rule };
        if (!decision.Allowed)
            throw new SocketFailure(WinsockError.WSAEACCES, $"{peer.Slash()} is {decision.Sentence}");

        PendingMapping mapping;
        lock (_lock)
        {
            // Its socket was closed while this one was being accepted.
            if (_ended || session.Bindings.Find(binding.Id) != binding)
                throw new SocketFailure(WinsockError.WSAECONNABORTED, $"{binding.Outside.Slash()} is closed");
            if (_pending.Count >= Limits.PendingMappingsPerSession)
                throw new SocketFailure(WinsockError.WSAENOBUFS, $"the session has {_pending.Count} connections from outside that wait, its limit");
            mapping = new PendingMapping(entry.Connection, outside, binding.Client, session.Inside, _firewall.Claims);
            _pending.Add(mapping.Id, mapping);
        }

        entry = entry with { Inside = mapping.Inside };

        // Outside our lock: the channel holds its own while it calls in here.
        session.Send(new NewMapping(mapping.Peer, mapping.Outside, mapping.Inside, mapping.Client) { Id = binding.Id, FirewallMapping = mapping.Id });
        return mapping;
    }

    /// <summary>An FTP server of the client: where it waits in passive mode is somewhere else outside.</summary>
    private FtpCommandDirection FtpReplies(Socket inside, Socket outside) => new(
        inside, outside, new FtpControlFilter(((IPEndPoint)inside.RemoteEndPoint!).Address, FtpPassiveReply.Instance), _firewall.Open, _logger, session.Ended);

    private PendingMapping? Find(uint id)
    {
        lock (_lock)
            return _pending.GetValueOrDefault(id);
    }

    private PendingMapping[] Pending(Binding? binding)
    {
        lock (_lock)
            return [.. _pending.Values.Where(mapping => binding is null || mapping.Outside.Equals(binding.Outside))];
    }

    private void Forget(PendingMapping mapping)
    {
        lock (_lock)
            _pending.Remove(mapping.Id);
    }

    [LoggerMessage(510, LogLevel.Information, "{Session} {Id}: bind or listen by {User} failed: {Reason}")]
    private partial void LogBindFailed(string session, ObjectId id, string user, string reason);

    [LoggerMessage(511, LogLevel.Information, "{Session} {Id}: connection from {Peer} did not reach the program: {Reason}")]
    private partial void LogMappingFailed(string session, ObjectId id, string peer, string reason);

    [LoggerMessage(512, LogLevel.Warning, "{Session} {Id}: Mapping received for {Mapping} speaks of other endpoints; it counts for nothing")]
    private partial void LogOtherMap(string session, ObjectId id, uint mapping);
}
