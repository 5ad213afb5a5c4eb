using FwRedirect.ControlChannel.Messages;
using FwRedirect.ControlChannel.Wire;

namespace FwRedirect.ControlChannel.Session;

/// <summary>
/// The client's side of one control channel, without sockets, threads or clock: messages, tokens and time go in (<c>now</c> in milliseconds of any steady
/// clock), actions come out of <see cref="TryTake"/>. Not thread-safe.
/// </summary>
public sealed class ClientSession(ChannelSetupRequest setup, IReadOnlyList<string> packages, bool hasCredentials)
{
    private readonly Queue<SessionAction> _actions = new();
    private readonly Dictionary<(ObjectId Id, OpCode Request), Outstanding> _outstanding = [];
    private string _package = "";
    private bool _ownExchangeCompleted;
    private long _setupDeadline;
    private long _lastReceived;
    private long _lastSent;

    public SessionState State { get; private set; }

    /// <summary>What the firewall said of itself; null until it did.</summary>
    public ChannelSetupResponse? Setup { get; private set; }

    /// <summary>The first reason of the end; null before it.</summary>
    public SessionEnd? End { get; private set; }

    public bool TryTake(out SessionAction? action) => _actions.TryDequeue(out action);

    public void Start(long now)
    {
        _setupDeadline = now + SessionTiming.SetupDeadline;
        _lastReceived = now;
        Transmit(setup, now);
    }

    /// <summary>A whole message from the firewall.</summary>
    public void Receive(RwsMessage message, long now)
    {
        if (State == SessionState.Ended)
            return;

        _lastReceived = now;
        switch (State, message)
        {
            case (SessionState.SettingUp, ChannelSetupResponse response):
                BeginLogon(response, now);
                break;
            case (SessionState.SettingUp, ErrorReply { Request: OpCode.ChannelSetupRequest } refusal):
                Fail(SessionEndKind.NotCompatible, $"the firewall refused the channel: {refusal.Sentence}");
                break;
            case (SessionState.Authenticating, Authenticate { IsFromFirewall: true } leg) when !_ownExchangeCompleted:
                _actions.Enqueue(new SessionAction.ProcessToken(_package, leg.Token));
                break;
            case (SessionState.Authenticating, LogonOk logon):
                FinishLogon(logon);
                break;
            case (SessionState.Authenticating, LogonFailure failure):
                Fail(SessionEndKind.LogonRefused, failure.Sentence);
                break;
            case (SessionState.Open, NewMapping or MappingError or EchoReply or EchoError or Close { IsFromFirewall: true }):
                _actions.Enqueue(new SessionAction.Deliver(message));
                break;
            case (SessionState.Open, { AnswersTo: { } request }):
                TakeReply(message, request);
                break;
            case (SessionState.Open, KeepAliveReply):
                break;
            default:
                Fail(SessionEndKind.ProtocolViolation, $"the firewall sent {message.OpCode} while the session was {State}");
                break;
        }
    }

    /// <summary>The authentication package's answer to <see cref="SessionAction.ProcessToken"/>.</summary>
    /// <param name="token">Empty where it has nothing to send.</param>
    /// <param name="completed">The client's side of the exchange is done.</param>
    public void TokenProcessed(ReadOnlyMemory<byte> token, bool completed, long now)
    {
        if (State != SessionState.Authenticating)
            return;

        _ownExchangeCompleted = completed;
        if (!token.IsEmpty)
            Transmit(new Authenticate(_package, token, IsFromFirewall: false) { Application = setup.Application }, now);
    }

    /// <summary>The authentication package can not go on: no credentials, no ticket, a false server.</summary>
    public void AuthenticationFailed(string sentence) => Fail(SessionEndKind.LogonRefused, sentence);

    /// <summary>Makes a request; its reply comes as <see cref="SessionAction.Answer"/>, at the latest at the deadline.</summary>
    public void Request(RwsMessage request, long now)
    {
        if (State != SessionState.Open)
        {
            Answer(request, WinsockError.WSAENETDOWN, End?.Sentence ?? "the control channel is not open");
        }
        else if (_outstanding.Count >= RwsLimits.OutstandingRequests)
        {
            Answer(request, WinsockError.WSAENOBUFS, $"{_outstanding.Count} requests wait for the firewall already");
        }
        else if (!_outstanding.TryAdd((request.Id, request.OpCode), new Outstanding(request, now + SessionTiming.RequestDeadline)))
        {
            Answer(request, WinsockError.WSAEINVAL, $"{request.OpCode} of {request.Id} waits for its reply already");
        }
        else
        {
            Transmit(request, now);
        }
    }

    /// <summary>Sends what is not answered: Mapping received, Close.</summary>
    public void Notify(RwsMessage message, long now)
    {
        if (State == SessionState.Open)
            Transmit(message, now);
    }

    /// <summary>Time went by: deadlines and keep-alive.</summary>
    public void Advance(long now)
    {
        if (State is SessionState.SettingUp or SessionState.Authenticating)
        {
            if (now >= _setupDeadline)
                Fail(SessionEndKind.Silent, $"the firewall did not open the session within {SessionTiming.SetupDeadline / 1000} s");
            return;
        }

        if (State != SessionState.Open)
            return;

        foreach (var (key, waiting) in _outstanding)
        {
            if (now >= waiting.Deadline && _outstanding.Remove(key))
                Answer(waiting.Request, WinsockError.WSAETIMEDOUT, $"the firewall did not answer within {SessionTiming.RequestDeadline / 1000} s");
        }

        var interval = (long)Setup!.KeepAlive.TotalMilliseconds;
        if (now - _lastReceived >= SessionTiming.SilentIntervals * interval)
            Fail(SessionEndKind.Silent, $"the firewall was silent for {(now - _lastReceived) / 1000} s");
        else if (now - _lastSent >= interval)
            Transmit(new KeepAlive { Application = setup.Application }, now);
    }

    /// <summary>The connection is gone, or the bytes on it are no RWS.</summary>
    public void Fail(SessionEndKind kind, string sentence)
    {
        if (State == SessionState.Ended)
            return;

        State = SessionState.Ended;
        End = new SessionEnd(kind, sentence);
        foreach (var waiting in _outstanding.Values)
            Answer(waiting.Request, WinsockError.WSAENETDOWN, sentence);
        _outstanding.Clear();
        _actions.Enqueue(new SessionAction.Finish(End));
    }

    private void BeginLogon(ChannelSetupResponse response, long now)
    {
        Setup = response;
        if (response.EncryptionRequired)
        {
            Fail(SessionEndKind.NotCompatible, $"{response.Firewall} demands an encrypted channel, which this client can not do");
            return;
        }

        var package = packages.FirstOrDefault(p => response.Packages.Contains(p, StringComparer.OrdinalIgnoreCase));
        if (package is not null && (response.AuthenticationRequired || hasCredentials))
        {
            State = SessionState.Authenticating;
            _package = package;
            _actions.Enqueue(new SessionAction.ProcessToken(package, ReadOnlyMemory<byte>.Empty));
        }
        else if (response.AuthenticationRequired)
        {
            Fail(SessionEndKind.LogonRefused, $"{response.Firewall} takes {string.Join(", ", response.Packages)}; this client offers {string.Join(", ", packages)}");
        }
        else
        {
            Open("");
            // A firewall that offered a logon learns that none comes only by another message, and gives up at its set-up deadline.
            if (response.Packages.Count > 0)
                Transmit(new KeepAlive { Application = setup.Application }, now);
        }
    }

    private void FinishLogon(LogonOk logon)
    {
        if (!logon.FinalToken.IsEmpty && !_ownExchangeCompleted)
            _actions.Enqueue(new SessionAction.ProcessToken(_package, logon.FinalToken));
        Open(logon.User);
    }

    private void Open(string user)
    {
        State = SessionState.Open;
        _actions.Enqueue(new SessionAction.Opened(user));
    }

    private void TakeReply(RwsMessage reply, OpCode request)
    {
        // A reply whose request was given up at its deadline is late, not wrong.
        if (_outstanding.Remove((reply.Id, request), out var waiting))
            _actions.Enqueue(new SessionAction.Answer(waiting.Request, reply));
    }

    private void Answer(RwsMessage request, WinsockError error, string sentence) =>
        _actions.Enqueue(new SessionAction.Answer(
            request, new ErrorReply(request.OpCode, error, sentence) { Id = request.Id, Application = request.Application }));

    private void Transmit(RwsMessage message, long now)
    {
        _lastSent = now;
        _actions.Enqueue(new SessionAction.Transmit(message));
    }

    private sealed record Outstanding(RwsMessage Request, long Deadline);
}
