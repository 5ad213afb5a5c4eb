using System.Net;
using System.Net.Sockets;
using FwRedirect.ControlChannel.Messages;
using FwRedirect.ControlChannel.Wire;
using FwRedirect.FirewallHost.AccessLog;
using FwRedirect.FirewallHost.Configuration;
using FwRedirect.FirewallHost.Filters.Ftp;
using FwRedirect.FirewallHost.Names;
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
    private const int DnsPort = 53;
    private const string NamesRule = "Names";

    private readonly Lock _lock = new();
    private readonly Dictionary<ObjectId, CancellationTokenSource> _pending = [];
    private readonly ConnectTurns _turns = new(session.Firewall.Time);
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
        var entry = session.NewEntry(handle, inbound: false, request.Source) with
        {
            Remote = request.Destination,
            RemoteName = _firewall.Policy.Believed(request.Destination.Address, request.DestinationName),
        };
        if (!session.IsOwn(request.Source.Address))
        {
            Deny(request, entry, "Source address", $"the client will send from {request.Source.Slash()}, which is not the address of its control channel");
            return;
        }

        if (session.OfOtherVersion(request.Destination.Address) is { } other)
        {
            FailWith(request, entry, other);
            return;
        }

        if (request.Destination.Port == DnsPort && _firewall.Names.HasServers)
        {
            Start(request, entry with { Rule = NamesRule }, answersNames: true);
            return;
        }

        var decision = _firewall.Policy.Connect(
            session.Identity.User, session.Identity.Application, request.Destination, request.DestinationName, isPublished: _firewall.Open.IsListening);
        entry = entry with { Rule = decision.Rule };
        if (!decision.Allowed)
        {
            Deny(request, entry, decision.Rule, $"{request.Destination.Slash()} is {decision.Sentence}");
            return;
        }

        Start(request, entry, answersNames: false);
    }

    private void Start(ConnectRequest request, AccessEntry entry, bool answersNames)
    {
        var stop = CancellationTokenSource.CreateLinkedTokenSource(session.Ended);
        var refused = Register(request.Id, stop);
        if (refused is not null)
        {
            stop.Dispose();
            FailWith(request, entry, refused);
            return;
        }

        _ = ConnectAsync(request, entry, answersNames, stop);
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
            if (_pending.Count + session.Relays.Count + session.Bindings.Count >= Limits.ObjectsPerSession)
                return new SocketFailure(WinsockError.WSAENOBUFS, $"the session has {Limits.ObjectsPerSession} connections and bound sockets, its limit");
            return _pending.TryAdd(id, stop) ? null : new SocketFailure(WinsockError.WSAEINVAL, $"{id} is in use");
        }
    }

    private async Task ConnectAsync(ConnectRequest request, AccessEntry entry, bool answersNames, CancellationTokenSource stop)
    {
        Socket? outside = null;
        var replied = false;
        using var live = _firewall.Connections.Begin(entry);
        // To the end of the relay: as long as the program's endpoint has a connection it keeps its outside port.
        using var mapping = _firewall.Mappings.Take(request.Source);
        try
        {
            if (!answersNames)
            {
                outside = await _turns.RunAsync(
                    () => _firewall.Outbound.ConnectAsync(request.Destination, mapping, session.Bindings.FindBound(request.Source), stop.Token), stop.Token);
            }

            using var arrival = _firewall.InsidePorts.Announce(request.Source, session.Inside);
            // Port 0: nothing goes out for this connection.
            var used = outside?.LocalEndPoint as IPEndPoint ?? new IPEndPoint(session.External!, 0);
            live.Entry = entry = entry with { Outside = used, Inside = arrival.Inside };
            session.Reply(request, new ConnectReply(request.Source, arrival.Inside, used, request.Destination), entry.Connection);
            replied = true;

            var inside = await arrival.WaitAsync(_firewall.Time, stop.Token);
            if (outside is null)
            {
                _firewall.AccessLog.Write(await AnswerNamesAsync(inside, entry, stop.Token));
                return;
            }

            Unregister(request.Id);
            var isFtp = request.Destination.Port == FtpControlPort;
            var relay = new SocketRelay(inside, outside, isFtp ? FtpCommands : null, isFtp ? FtpReplies : null);
            outside = null;
            live.Relay = relay;
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

    /// <summary>Counts as pending to its end, so that a session has only so many, and its end cuts them.</summary>
    private async Task<AccessEntry> AnswerNamesAsync(Socket inside, AccessEntry entry, CancellationToken stop)
    {
        // What is written here is ours, and is to arrive.
        inside.LingerState = new LingerOption(enable: false, 0);
        inside.NoDelay = true;
        await using var stream = new NetworkStream(inside, ownsSocket: true);
        var conversation = new DnsConversation(stream, _firewall.Names, _firewall.Options.ExternalAddressIPv6 is not null, _firewall.Time);
        try
        {
            await conversation.RunAsync(stop);
        }
        catch (OperationCanceledException)
        {
            // The program's Close, or the session's end.
        }

        return entry with { Action = "Closed", Result = nameof(RelayEnd.Completed), BytesOut = conversation.BytesOut, BytesIn = conversation.BytesIn };
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
