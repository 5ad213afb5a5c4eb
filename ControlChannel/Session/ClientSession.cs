using FwRedirect.ControlChannel.Messages;
using FwRedirect.ControlChannel.Wire;

namespace FwRedirect.ControlChannel.Session;

/// <summary>
/// The client's side of one session, without sockets, threads or clock: messages, tokens and time go in (<c>now</c> in milliseconds of any steady
/// clock), actions come out of <see cref="TryTake"/>. Where the setup request speaks of resuming and the firewall agrees, it outlives its connection. Not thread-safe.
/// </summary>
public sealed class ClientSession(ChannelSetupRequest setup, IReadOnlyList<string> packages, bool hasCredentials)
{
    private readonly Queue<SessionAction> _actions = new();
    private readonly ClientRequests _requests = new();
    private readonly ReplayBuffer _buffer = new();
    private SessionTicket? _ticket;
    private SessionEnd? _loss;
    private string _package = "";
    private bool _ownExchangeCompleted;
    private long _setupDeadline;
    private long _graceEnd;
    private long _lastReceived;
    private long _lastSent;
    private long? _asked;
    private long? _waitingSince;
    private bool _isSuspect;

    public SessionState State { get; private set; }

    /// <summary>The longest silence of this side, where it is to be shorter than the firewall says.</summary>
    public TimeSpan? KeepAlive { get; init; }

    /// <summary>What the firewall said of itself; null until it did.</summary>
    public ChannelSetupResponse? Setup { get; private set; }

    /// <summary>The first reason of the end; null before it.</summary>
    public SessionEnd? End { get; private set; }

    /// <summary>Requests may be made: they are sent now, or when the session is resumed.</summary>
    private bool TakesRequests => State == SessionState.Open || (_ticket is not null && State != SessionState.Ended);

    private bool IsSettingUp => State is SessionState.SettingUp or SessionState.Authenticating or SessionState.Resuming;

    /// <summary>Both sides count and keep what they send.</summary>
    private bool IsNumbered => setup.Resumption is not null && Setup is { ResumeNonce.IsEmpty: false };

    private long Interval => (long)(KeepAlive is { } own && own < Setup!.KeepAlive ? own : Setup!.KeepAlive).TotalMilliseconds;

    public bool TryTake(out SessionAction? action) => _actions.TryDequeue(out action);

    /// <summary>The first connection stands.</summary>
    public void Start(long now)
    {
        _setupDeadline = now + SessionTiming.SetupDeadline;
        BeginSetup(setup, now);
    }

    /// <summary>A lost session has a new connection.</summary>
    public void Reconnected(long now)
    {
        if (State != SessionState.Lost)
            return;
        _setupDeadline = Math.Min(now + SessionTiming.ResumeAttempt, _graceEnd);
        BeginSetup(setup with { Resumption = setup.Resumption! with { Session = _ticket!.Session }, KillOldSession = false }, now);
    }

    /// <summary>A whole message from the firewall.</summary>
    public void Receive(RwsMessage message, long now)
    {
        if (State is SessionState.Ended or SessionState.Lost)
            return;

        _lastReceived = now;
        (_asked, _waitingSince, _isSuspect) = (null, null, false);
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
                FinishLogon(logon, now);
                break;
            case (SessionState.Authenticating, LogonFailure failure):
                Fail(SessionEndKind.LogonRefused, failure.Sentence);
                break;
            case (SessionState.Resuming, Resumed resumed):
                TakeUp(resumed, now);
                break;
            case (SessionState.Resuming, ErrorReply { Request: OpCode.Resume } refusal):
                Fail(SessionEndKind.NotResumed, $"the firewall does not take the session up again ({refusal.Sentence}); it was lost because {_loss!.Sentence}");
                break;
            case (SessionState.Open, _):
                ReceiveOpen(message);
                break;
            default:
                Violation(message);
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

    /// <summary>Makes a request; its reply comes as <see cref="SessionAction.Answer"/>, at the latest at the deadline. A lost session makes it when it is resumed.</summary>
    public void Request(RwsMessage request, long now)
    {
        if (!TakesRequests)
            Answer(ClientRequests.Refuse(request, WinsockError.WSAENETDOWN, End?.Sentence ?? "the control channel is not open"));
        else if (_requests.TryAdd(request, now) is { } refusal)
            Answer(refusal);
        else
            Ask(request, now);
    }

    /// <summary>Sends what is not answered: Mapping received, Close.</summary>
    public void Notify(RwsMessage message, long now)
    {
        if (TakesRequests)
            Send(message, now);
    }

    /// <summary>Time went by: deadlines and keep-alive.</summary>
    public void Advance(long now)
    {
        foreach (var late in _requests.TakeLate(now))
            Answer(late);
        if (State == SessionState.Lost && now >= _graceEnd)
            Fail(SessionEndKind.NotResumed, $"the session was lost ({_loss!.Sentence}), and the firewall was not reached again within {_ticket!.Grace.TotalSeconds} s");
        else if (IsSettingUp && now >= _setupDeadline)
            Lose(SessionEndKind.Silent, $"the firewall did not open the session within {(_ticket is null ? SessionTiming.SetupDeadline : SessionTiming.ResumeAttempt) / 1000} s", now);
        else if (State == SessionState.Open)
            AdvanceOpen(now);
    }

    /// <summary>The connection is gone. A session that can be resumed waits for another; any other ends.</summary>
    public void Lose(SessionEndKind kind, string sentence, long now)
    {
        if (_ticket is null)
        {
            Fail(kind, sentence);
            return;
        }

        if (State is SessionState.Ended or SessionState.Lost)
            return;
        var end = new SessionEnd(kind, sentence);
        if (State == SessionState.Open)
        {
            _loss = end;
            _graceEnd = now + (long)_ticket.Grace.TotalMilliseconds;
        }

        State = SessionState.Lost;
        _actions.Enqueue(new SessionAction.Disconnect(end));
    }

    /// <summary>The session is over: ended by this side, or by bytes that are no RWS, or by a firewall that is no more.</summary>
    public void Fail(SessionEndKind kind, string sentence)
    {
        if (State == SessionState.Ended)
            return;

        if (State == SessionState.Open && _ticket is not null && kind != SessionEndKind.ClosedByPeer)
            _actions.Enqueue(new SessionAction.Transmit(new EndOfSession(sentence, IsFromFirewall: false) { Application = setup.Application }));
        State = SessionState.Ended;
        End = new SessionEnd(kind, sentence);
        foreach (var refusal in _requests.RefuseAll(sentence))
            Answer(refusal);
        _buffer.Clear();
        _actions.Enqueue(new SessionAction.Finish(End));
    }

    private void BeginSetup(ChannelSetupRequest request, long now)
    {
        State = SessionState.SettingUp;
        (_package, _ownExchangeCompleted) = ("", false);
        _lastReceived = now;
        Transmit(request, now);
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
            Open("", now);
            // A firewall that offered a logon learns that none comes only by another message, and gives up at its set-up deadline.
            if (State == SessionState.Open && response.Packages.Count > 0)
                Transmit(new KeepAlive { Application = setup.Application }, now);
        }
    }

    private void FinishLogon(LogonOk logon, long now)
    {
        if (!logon.FinalToken.IsEmpty && !_ownExchangeCompleted)
            _actions.Enqueue(new SessionAction.ProcessToken(_package, logon.FinalToken));
        Open(logon.User, now);
    }

    private void Open(string user, long now)
    {
        if (_ticket is null)
        {
            State = SessionState.Open;
            _actions.Enqueue(new SessionAction.Opened(user));
        }
        else if (Setup!.ResumeNonce.IsEmpty)
        {
            Fail(SessionEndKind.NotResumed, $"the firewall resumes no sessions any more; this one was lost because {_loss!.Sentence}");
        }
        else
        {
            State = SessionState.Resuming;
            var received = _buffer.Tell();
            var proof = ResumeProof.OfClient(_ticket.Secret.Span, _ticket.Session, Setup.ResumeNonce.Span, received);
            Transmit(new Resume(_ticket.Session, received, proof) { Application = setup.Application }, now);
        }
    }

    private void TakeUp(Resumed resumed, long now)
    {
        var proof = ResumeProof.OfFirewall(_ticket!.Secret.Span, _ticket.Session, Setup!.ResumeNonce.Span, resumed.Received);
        if (!ResumeProof.Equal(proof, resumed.Proof.Span))
        {
            Fail(SessionEndKind.ProtocolViolation, "who answered for the firewall does not know the session's secret");
        }
        else if (!_buffer.TryAcknowledge(resumed.Received))
        {
            Fail(SessionEndKind.ProtocolViolation, $"the firewall has read {resumed.Received} messages of this session, and there were never so many");
        }
        else
        {
            State = SessionState.Open;
            _actions.Enqueue(new SessionAction.Reopened());
            foreach (var message in _buffer.Kept)
                Transmit(message, now);
        }
    }

    private void ReceiveOpen(RwsMessage message)
    {
        if (IsNumbered && ReplayBuffer.IsNumbered(message))
        {
            _buffer.Count();
            if (_buffer.IsAcknowledgementDue)
                TellReceived();
        }

        switch (message)
        {
            case SessionTicket ticket when IsNumbered && _ticket is null:
                _ticket = ticket;
                break;
            case Acknowledge { IsFromFirewall: true } acknowledge when _buffer.TryAcknowledge(acknowledge.Received):
                break;
            case EndOfSession { IsFromFirewall: true } end:
                Fail(SessionEndKind.ClosedByPeer, $"the firewall ended the session: {end.Reason}");
                break;
            case NewMapping or MappingError or EchoReply or EchoError or Close { IsFromFirewall: true }:
                _actions.Enqueue(new SessionAction.Deliver(message));
                break;
            case { AnswersTo: { } request }:
                // A reply whose request was given up at its deadline is late, not wrong.
                if (_requests.TryTake(message.Id, request, out var asked))
                    _actions.Enqueue(new SessionAction.Answer(asked!, message));
                break;
            case KeepAliveReply:
                break;
            default:
                Violation(message);
                break;
        }
    }

    private void AdvanceOpen(long now)
    {
        var silence = now - _lastReceived;
        if (silence >= SessionTiming.SilentIntervals * Interval)
        {
            Lose(SessionEndKind.Silent, $"the firewall was silent for {silence / 1000} s", now);
        }
        else if (_ticket is not null && _asked is { } asked && now - asked >= SessionTiming.KeepAliveReplyDeadline)
        {
            Lose(SessionEndKind.Silent, $"the firewall did not answer a keep-alive for {(now - asked) / 1000} s", now);
        }
        else if (now - _lastSent >= Interval)
        {
            if (_buffer.HasNews)
                TellReceived();
            AskAlive(now);
        }
        else if (!_isSuspect && now - _waitingSince >= SessionTiming.SuspectAfter)
        {
            _isSuspect = true;
            AskAlive(now);
            _actions.Enqueue(new SessionAction.Suspect());
        }
    }

    private void Ask(RwsMessage request, long now)
    {
        if (State == SessionState.Open && _ticket is not null)
            _waitingSince ??= now;
        Send(request, now);
    }

    private void AskAlive(long now)
    {
        _asked ??= now;
        Transmit(new KeepAlive { Application = setup.Application }, now);
    }

    private void TellReceived() =>
        _actions.Enqueue(new SessionAction.Transmit(new Acknowledge(_buffer.Tell(), IsFromFirewall: false) { Application = setup.Application }));

    private void Violation(RwsMessage message) => Fail(SessionEndKind.ProtocolViolation, $"the firewall sent {message.OpCode} while the session was {State}");

    private void Answer(SessionAction.Answer answer) => _actions.Enqueue(answer);

    /// <summary>Now, and once more when the session is resumed without the firewall having read it; a lost session sends it then.</summary>
    private void Send(RwsMessage message, long now)
    {
        if (IsNumbered && ReplayBuffer.IsNumbered(message) && !_buffer.TryKeep(message))
            Fail(SessionEndKind.Silent, $"the firewall has acknowledged none of the last {RwsLimits.UnacknowledgedMessages} messages");
        else if (State == SessionState.Open)
            Transmit(message, now);
    }

    private void Transmit(RwsMessage message, long now)
    {
        _lastSent = now;
        _actions.Enqueue(new SessionAction.Transmit(message));
    }
}
