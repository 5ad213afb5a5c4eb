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

/// <summary>
/// Connect requests of one session: policy, then the connection outside, then the inside port, then the reply, then the relay. The reply says yes only when the server has been
/// reached.
/// </summary>
internal sealed partial class ClientConnections(SessionContext session)
{
    private const int FtpControlPort = 21;

    private readonly Lock _lock = new();
    private readonly Dictionary<ObjectId, CancellationTokenSource> _pending = [];
    private readonly Firewall _firewall = session.Firewall;
    private readonly ILogger _logger = session.Firewall.RelayLogger;

    public int PendingCount
    {
        get
        {
            lock (_lock)
                return _pending.Count;
        }
    }

    public void Connect(ConnectRequest request)
    {
        var handle = _firewall.NextConnection();
        var entry = session.NewEntry(handle, inbound: false, request.Source) with { Remote = request.Destination, RemoteName = request.DestinationName };
        if (!session.IsOwn(request.Source.Address))
        {
            Deny(request, entry, "Source address", $"the client will send from {request.Source.Slash()}, which is not the address of its control channel");
            return;
        }

        var decision = _firewall.Policy.Connect(session.Identity.User, session.Identity.Application, request.Destination, request.DestinationName);
        entry = entry with { Rule = decision.Rule };
        if (!decision.Allowed)
        {
            Deny(request, entry, decision.Rule, $"{request.Destination.Slash()} is {decision.Sentence}");
            return;
        }

        var stop = CancellationTokenSource.CreateLinkedTokenSource(session.Ended);
        var refused = Register(request.Id, stop);
        if (refused is not null)
        {
            stop.Dispose();
            FailWith(request, entry, refused);
            return;
        }

        _ = ConnectAsync(request, entry, stop);
    }

    /// <summary>Cancels a connect that has not come to its relay; one that has ends by its own connections.</summary>
    public void Close(ObjectId id)
    {
        lock (_lock)
        {
            // Its callbacks end the connect, which takes this lock and the channel's: they run elsewhere.
            if (_pending.TryGetValue(id, out var stop))
                _ = stop.CancelAsync();
        }
    }

    private SocketFailure? Register(ObjectId id, CancellationTokenSource stop)
    {
        lock (_lock)
        {
            if (_pending.Count >= Limits.PendingConnectsPerSession)
                return new SocketFailure(WinsockError.WSAENOBUFS, $"the session has {_pending.Count} connects pending, its limit");
            if (_pending.Count + session.Relays.Count + session.Bindings.Count >= Limits.ObjectsPerSession)
                return new SocketFailure(WinsockError.WSAENOBUFS, $"the session has {Limits.ObjectsPerSession} connections and bound sockets, its limit");
            return _pending.TryAdd(id, stop) ? null : new SocketFailure(WinsockError.WSAEINVAL, $"{id} is in use");
        }
    }

    private async Task ConnectAsync(ConnectRequest request, AccessEntry entry, CancellationTokenSource stop)
    {
        Socket? outside = null;
        var replied = false;
        try
        {
            outside = await _firewall.Outbound.ConnectAsync(request.Destination, stop.Token);
            using var arrival = _firewall.InsidePorts.Announce(request.Source, session.Inside);
            entry = entry with { Outside = (IPEndPoint)outside.LocalEndPoint!, Inside = arrival.Inside };
            session.Reply(request, new ConnectReply(request.Source, arrival.Inside, entry.Outside, request.Destination), entry.Connection);
            replied = true;

            var inside = await arrival.WaitAsync(_firewall.Time, stop.Token);
            Unregister(request.Id);
            var isFtp = request.Destination.Port == FtpControlPort;
            var relay = new SocketRelay(inside, outside, isFtp ? FtpCommands : null, isFtp ? FtpReplies : null);
            outside = null;
            _firewall.AccessLog.Write(entry.Ended(await session.Relays.RunAsync(relay)));
        }
        catch (SocketFailure failure)
        {
            LogFailed(session.Name, request.Id, request.Destination.Slash(), failure.Message);
            _firewall.AccessLog.Write(entry with { Action = "Failed", Result = failure.Error.ToString() });
            if (replied)
                session.Send(new Close(failure.Message, IsFromFirewall: true) { Id = request.Id, FirewallHandle = entry.Connection });
            else
                session.Fail(request, failure.Error, failure.Message, entry.Connection);
        }
        catch (OperationCanceledException)
        {
            _firewall.AccessLog.Write(entry with { Action = "Failed", Result = session.Ended.IsCancellationRequested ? "SessionEnded" : "ClosedByClient" });
            if (!replied)
                session.Fail(request, WinsockError.WSAECONNABORTED, "the connect was closed before it was answered", entry.Connection);
        }
        catch (Exception e)
        {
            LogUnexpected(e, session.Name, request.Id);
            if (!replied)
                session.Fail(request, WinsockError.WSAENETDOWN, "the firewall failed on this request; its log says why", entry.Connection);
        }
        finally
        {
            outside?.Reset();
            Unregister(request.Id);
        }
    }

    private FtpReplyDirection FtpReplies(Socket outside, Socket inside) => new(outside, inside, session.Arrivals, session.Ended);

    private FtpCommandDirection FtpCommands(Socket inside, Socket outside) => new(
        inside, outside, new FtpControlFilter(((IPEndPoint)inside.RemoteEndPoint!).Address), session.Bindings, _logger, session.Ended);

    private void Unregister(ObjectId id)
    {
        lock (_lock)
        {
            if (_pending.Remove(id, out var stop))
                stop.Dispose();
        }
    }

    private void Deny(ConnectRequest request, AccessEntry entry, string rule, string sentence)
    {
        _firewall.AccessLog.Write(entry with { Rule = rule, Action = "Denied", Result = nameof(WinsockError.WSAEACCES) });
        LogDenied(session.Name, request.Id, session.UserName, sentence);
        session.Fail(request, WinsockError.WSAEACCES, sentence, entry.Connection);
    }

    private void FailWith(ConnectRequest request, AccessEntry entry, SocketFailure failure)
    {
        _firewall.AccessLog.Write(entry with { Action = "Failed", Result = failure.Error.ToString() });
        session.Fail(request, failure.Error, failure.Message, entry.Connection);
    }

    [LoggerMessage(500, LogLevel.Information, "{Session} {Id}: connect by {User} denied: {Reason}")]
    private partial void LogDenied(string session, ObjectId id, string user, string reason);

    [LoggerMessage(501, LogLevel.Information, "{Session} {Id}: connection to {Destination} did not come about: {Reason}")]
    private partial void LogFailed(string session, ObjectId id, string destination, string reason);

    [LoggerMessage(502, LogLevel.Error, "{Session} {Id}: connect failed unexpectedly")]
    private partial void LogUnexpected(Exception e, string session, ObjectId id);
}
