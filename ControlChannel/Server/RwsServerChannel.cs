using System.IO.Pipelines;
using System.Net;
using FwRedirect.ControlChannel.Authentication;
using FwRedirect.ControlChannel.Messages;
using FwRedirect.ControlChannel.Session;
using Microsoft.Extensions.Logging;

namespace FwRedirect.ControlChannel.Server;

/// <summary>
/// The firewall's side of one session over a duplex pipe, and over further ones where it can be resumed: drives a <see cref="ServerSession"/>, verifies tokens, calls the handler.
/// Whatever the peer sends ends at the most this session.
/// </summary>
public sealed class RwsServerChannel : IServerChannel, IDisposable
{
    private readonly ServerChannelOptions _options;
    private readonly IServerChannelHandler _handler;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly ResumeOffer? _offer;
    private readonly ServerSession _session;
    private readonly Lock _gate = new();
    private readonly TaskCompletionSource _closed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private ServerConnection? _connection;
    private AuthenticationExchange? _authentication;
    private SessionAction.ProcessToken? _token;
    private SessionAction.Opened? _opening;
    private Resume? _resume;
    private ITimer? _clock;
    private IPEndPoint? _remote;
    private ServerIdentity? _identity;
    private bool _finished;

    public RwsServerChannel(ServerChannelOptions options, IServerChannelHandler handler, TimeProvider time, ILogger logger)
    {
        _options = options;
        _handler = handler;
        _time = time;
        _logger = logger;
        _offer = options.Sessions?.Offer();
        _session = new ServerSession(options.Response, options.AuthenticationOffered, _offer);
    }

    public ServerIdentity Identity => _identity ?? throw new InvalidOperationException("the channel is not open");

    /// <summary>The session's connection is gone, and its client may come back.</summary>
    public bool IsLost => _session.State == SessionState.Lost;

    internal uint SessionNumber => _offer!.Session;

    /// <summary>Which run of the client's service made the session.</summary>
    internal uint Run => _session.Client?.Resumption?.Run ?? 0;

    private long Now => _time.Milliseconds();

    /// <summary>
    /// Serves a connection until it is over; returns why. A session that can be resumed may live on, or may have gone over to this connection from another; else it has ended with
    /// it. The transport stays the caller's to close.
    /// </summary>
    public async Task<SessionEnd> RunAsync(IDuplexPipe transport, EndPoint? remote, CancellationToken cancellationToken)
    {
        _remote = remote as IPEndPoint;
        var connection = _connection = new ServerConnection(transport, this);
        _session.Start(Now);
        _clock = _time.CreateTimer(_ => Enter(() => _session.Advance(Now)), null, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(1));
        await using var stopped = cancellationToken.Register(() => connection.Channel.Abort("the firewall is stopping"));
        var end = await connection.RunAsync();
        if (connection.Channel._session.State == SessionState.Ended)
            await connection.Channel._closed.Task;
        return end;
    }

    public void Send(RwsMessage message) => Enter(() => _session.Send(message));

    public void Dispose() => _authentication?.Dispose();

    public void Abort(string reason) => Enter(() => _session.Fail(SessionEndKind.ClosedHere, reason));

    /// <summary>A message that came on <paramref name="connection"/>; false where that is to be read no more.</summary>
    internal async ValueTask<bool> TakeAsync(ServerConnection connection, RwsMessage message)
    {
        ChannelLog.Received(_logger, message);
        var isOurs = true;
        Enter(() =>
        {
            // A connection whose session has gone over to another speaks for nobody.
            isOurs = connection == _connection;
            if (isOurs)
                _session.Receive(message, Now);
        });
        if (!isOurs)
            return false;

        // One at a time: nothing that the client sends is read before the verdict on its token, on its session, and on those before it.
        while (Interlocked.Exchange(ref _token, null) is { } token)
            await VerifyAsync(token);
        if (_opening is not null)
            FinishOpening();
        if (Interlocked.Exchange(ref _resume, null) is { } resume)
            HandOver(connection, resume);
        return connection.Channel._session.State != SessionState.Ended;
    }

    /// <summary>The connection is over, or what came on it is no RWS.</summary>
    internal void Break(ServerConnection connection, SessionEnd end) => Enter(() =>
    {
        if (connection != _connection)
            return;
        if (end.Kind == SessionEndKind.ConnectionLost)
            _session.Lose(end.Kind, end.Sentence, Now);
        else
            _session.Fail(end.Kind, end.Sentence);
    });

    private async Task VerifyAsync(SessionAction.ProcessToken process)
    {
        _authentication ??= AuthenticationExchange.ForServer(process.Package);
        var step = await _authentication.NextAsync(process.Token, CancellationToken.None);
        Enter(() =>
        {
            switch (step.Outcome)
            {
                case AuthenticationOutcome.Continue:
                    _session.Challenge(step.Token);
                    break;
                case AuthenticationOutcome.Completed:
                    _session.Accept(step.User, step.Token);
                    break;
                default:
                    // The reason stays here: a client learns that it is not let in, not how close it came.
                    ChannelLog.LogonRefused(_logger, ClaimedAccount(process.Token.Span), _session.Client!.ClientInfo.User, _session.Client.ClientInfo.Computer, step.Failure);
                    _session.Refuse($"{_options.Firewall} did not accept the user name or the password");
                    break;
            }
        });
    }

    /// <summary>Whom the refused token speaks for; a claim, for the log.</summary>
    private static string ClaimedAccount(ReadOnlySpan<byte> token) =>
        NlmpMessage.TryParse(token, out var ntlm) && ntlm.User.Length > 0 ? $"{ntlm.Domain}\\{ntlm.User}" : "an account that its token does not name";

    /// <summary>Before a new session is granted anything, what earlier runs have left is ended: outside our gate, since that takes theirs.</summary>
    private void FinishOpening()
    {
        _options.Sessions?.EndEarlier(Who(), Run, _session.Client!.KillOldSession);
        Enter(() =>
        {
            if (Interlocked.Exchange(ref _opening, null) is null || _session.State == SessionState.Ended)
                return;
            _identity = Who();
            if (_session.IsResumable)
                _options.Sessions!.Add(this);
            Call(() => _handler.Opened(this));
        });
    }

    /// <summary>The client comes back to a session: if it is there and the client's, that one has this connection from here on.</summary>
    private void HandOver(ServerConnection connection, Resume resume)
    {
        var found = _options.Sessions!.Find(resume.Session);
        if (found is not null && found.TryAdopt(connection, resume, _offer!.Nonce, Who()))
        {
            connection.Channel = found;
            _clock?.Dispose();
            ChannelLog.Resumed(_logger, found.Identity.Application, resume.Session);
            return;
        }

        Enter(() => _session.RefuseResume("there is no such session here, or not for this client"));
    }

    private bool TryAdopt(ServerConnection connection, Resume resume, ReadOnlyMemory<byte> nonce, ServerIdentity client)
    {
        // The same user, program and address: the secret alone is not enough, since without encryption it may have been overheard.
        if (!_identity!.IsSame(client))
            return false;
        var adopted = false;
        Enter(() =>
        {
            var before = _connection;
            _connection = connection;
            adopted = _session.TryResume(resume, nonce.Span, Now);
            if (adopted)
                before?.Close(new SessionEnd(SessionEndKind.ConnectionLost, "the client came back on another connection"));
            else
                _connection = before;
        });
        return adopted;
    }

    private ServerIdentity Who() => new(_session.User, _session.Client!.Application, _session.Client.ClientInfo, _remote);

    private void Enter(Action work)
    {
        var finished = false;
        var lost = false;
        lock (_gate)
        {
            var before = _session.State;
            work();
            Carry();
            lost = before != SessionState.Lost && _session.State == SessionState.Lost;
            if (_finished)
                (_finished, finished) = (false, true);
        }

        if (lost)
            _options.Sessions!.Lost(this);
        if (finished)
            Finish();
    }

    /// <summary>Outside the gate: the handler ends what others hold, and those may be about to send.</summary>
    private void Finish()
    {
        _clock?.Dispose();
        if (_identity is not null)
        {
            _options.Sessions?.Remove(this);
            _handler.Closed(_session.End!.Sentence);
        }

        _closed.TrySetResult();
    }

    /// <summary>Carries out what the session asks for; the gate is held.</summary>
    private void Carry()
    {
        while (_opening is null && _session.TryTake(out var action))
        {
            switch (action)
            {
                case SessionAction.Transmit transmit:
                    ChannelLog.Sent(_logger, transmit.Message);
                    if (_connection is not null && !_connection.TryWrite(transmit.Message))
                        _session.Lose(SessionEndKind.ConnectionLost, "the client does not read from the control connection", Now);
                    break;
                case SessionAction.ProcessToken process:
                    _token = process;
                    break;
                case SessionAction.FindSession find:
                    _resume = find.Request;
                    break;
                case SessionAction.Opened opened:
                    // What follows waits in the session for FinishOpening.
                    _opening = opened;
                    break;
                case SessionAction.Deliver deliver:
                    Call(() => _handler.Request(deliver.Message));
                    break;
                case SessionAction.Disconnect disconnect:
                    ChannelLog.Lost(_logger, _session.Client!.Application, disconnect.End);
                    _connection?.Close(disconnect.End);
                    _connection = null;
                    break;
                case SessionAction.Finish finish:
                    ChannelLog.Ended(_logger, _session.Client?.Application ?? "-", finish.End);
                    _connection?.Close(finish.End);
                    _finished = true;
                    break;
            }
        }
    }

    private void Call(Action handle)
    {
        try
        {
            handle();
        }
        catch (Exception failure)
        {
            ChannelLog.HandlerFailed(_logger, failure);
            _session.Fail(SessionEndKind.ClosedHere, "the firewall could not handle a request of this session");
        }
    }
}
