using FwRedirect.ControlChannel.Messages;
using FwRedirect.ControlChannel.Wire;

namespace FwRedirect.ControlChannel.Session;

/// <summary>
/// The firewall's side of one session, without sockets, threads or clock: messages, verdicts on tokens and time go in (<c>now</c> in milliseconds
/// of any steady clock), actions come out of <see cref="TryTake"/>. With an offer, and a client that wants it, it outlives its connection. Not thread-safe.
/// </summary>
public sealed class ServerSession(ChannelSetupResponse response, bool authenticationOffered, ResumeOffer? offer = null)
{
    private readonly Queue<SessionAction> _actions = new();
    private readonly HashSet<(ObjectId Id, OpCode Request)> _outstanding = [];
    private readonly ReplayBuffer _buffer = new();
    private SessionEnd? _loss;
    private string _user = "";
    private long _setupDeadline;
    private long _graceEnd;
    private long _lastReceived;
    private long _lastTold;
    private bool _verifying;
    private bool _finding;
    private string _package = "";

    public SessionState State { get; private set; }

    /// <summary>What the client said of itself; null until it did.</summary>
    public ChannelSetupRequest? Client { get; private set; }

    /// <summary>The first reason of the end; null before it.</summary>
    public SessionEnd? End { get; private set; }

    /// <summary>The account of the logon; empty where there was none.</summary>
    public string User => _user;

    /// <summary>The session outlives its connection.</summary>
    public bool IsResumable => offer is not null && Client?.Resumption is not null;

    private string Application => Client?.Application ?? "";

    private long Interval => (long)response.KeepAlive.TotalMilliseconds;

    public bool TryTake(out SessionAction? action) => _actions.TryDequeue(out action);

    public void Start(long now)
    {
        _setupDeadline = now + SessionTiming.SetupDeadline;
        _lastReceived = now;
    }

    /// <summary>A whole message from the client.</summary>
    public void Receive(RwsMessage message, long now)
    {
        if (State is SessionState.Ended or SessionState.Lost)
            return;

        _lastReceived = now;
        switch (State, message)
        {
            case (SessionState.SettingUp, ChannelSetupRequest request):
                SetUp(request);
                break;
            case (SessionState.Authenticating, Authenticate { IsFromFirewall: false } leg) when authenticationOffered && !_verifying:
                Verify(leg);
                break;
            case (SessionState.Authenticating, not Authenticate) when !response.AuthenticationRequired && !_verifying && _package.Length == 0:
                // Authentication was offered, not demanded, and the client goes without.
                Open("");
                Receive(message, now);
                break;
            case (SessionState.Resuming, Resume request) when !_finding && request.Session == Client!.Resumption!.Session:
                _finding = true;
                _actions.Enqueue(new SessionAction.FindSession(request));
                break;
            case (SessionState.Open, _):
                ReceiveOpen(message);
                break;
            default:
                Violation($"{message.OpCode} came while the session was {State}");
                break;
        }
    }

    /// <summary>The authentication package's verdict on <see cref="SessionAction.ProcessToken"/>: it wants another leg.</summary>
    public void Challenge(ReadOnlyMemory<byte> token)
    {
        if (State != SessionState.Authenticating)
            return;

        _verifying = false;
        Transmit(new Authenticate(_package, token, IsFromFirewall: true) { Application = Application });
    }

    /// <summary>The verdict: this is <paramref name="user"/>.</summary>
    public void Accept(string user, ReadOnlyMemory<byte> finalToken)
    {
        if (State != SessionState.Authenticating)
            return;

        _verifying = false;
        Transmit(new LogonOk(user, finalToken) { Application = Application });
        Open(user);
    }

    /// <summary>The verdict: no. <paramref name="sentence"/> goes to the client and into the log.</summary>
    public void Refuse(string sentence)
    {
        if (State != SessionState.Authenticating)
            return;

        Transmit(new LogonFailure(sentence) { Application = Application });
        Fail(SessionEndKind.LogonRefused, sentence);
    }

    /// <summary>There is no such session for this client: the answer to <see cref="SessionAction.FindSession"/>. <paramref name="sentence"/> goes to the client.</summary>
    public void RefuseResume(string sentence)
    {
        if (State != SessionState.Resuming)
            return;

        Transmit(new ErrorReply(OpCode.Resume, WinsockError.WSAEINVAL, sentence) { Application = Application });
        Fail(SessionEndKind.NotResumed, sentence);
    }

    /// <summary>
    /// Takes this session up on another connection, on which <paramref name="request"/> came. False, and nothing has changed, where it is not the client's: its proof is wrong, or
    /// its count can not be.
    /// </summary>
    /// <param name="nonce">That of the new connection.</param>
    public bool TryResume(Resume request, ReadOnlySpan<byte> nonce, long now)
    {
        if (!IsResumable || State is not (SessionState.Lost or SessionState.Open))
            return false;
        var expected = ResumeProof.OfClient(offer!.Secret.Span, offer.Session, nonce, request.Received);
        if (!ResumeProof.Equal(expected, request.Proof.Span) || !_buffer.TryAcknowledge(request.Received))
            return false;

        State = SessionState.Open;
        _lastReceived = now;
        var received = _buffer.Tell();
        _actions.Enqueue(new SessionAction.Reopened());
        Transmit(new Resumed(received, ResumeProof.OfFirewall(offer.Secret.Span, offer.Session, nonce, received)) { Application = Application });
        foreach (var message in _buffer.Kept)
            Transmit(message);
        return true;
    }

    /// <summary>Sends a reply or a notice of the firewall; a reply to nothing that waits is dropped (its request went with a Close). A lost session keeps it.</summary>
    public void Send(RwsMessage message)
    {
        if (State is not (SessionState.Open or SessionState.Lost))
            return;
        if (message.AnswersTo is { } request && !_outstanding.Remove((message.Id, request)))
            return;
        SendNumbered(message with { Application = Application });
    }

    /// <summary>Time went by.</summary>
    public void Advance(long now)
    {
        var silence = now - _lastReceived;
        if (State == SessionState.Lost && now >= _graceEnd)
            Fail(SessionEndKind.NotResumed, $"the session was lost ({_loss!.Sentence}), and the client did not come back within {offer!.Grace.TotalSeconds} s");
        else if (State is SessionState.SettingUp or SessionState.Authenticating or SessionState.Resuming && now >= _setupDeadline)
            Fail(SessionEndKind.Silent, $"the client did not open its session within {SessionTiming.SetupDeadline / 1000} s");
        else if (State == SessionState.Open && silence >= SessionTiming.SilentIntervals * Interval)
            Lose(SessionEndKind.Silent, $"the client was silent for {silence / 1000} s", now);
        else if (State == SessionState.Open && _buffer.HasNews && now - _lastTold >= Interval)
            TellReceived(now);
    }

    /// <summary>The connection is gone. A session that can be resumed waits for its client; any other ends.</summary>
    public void Lose(SessionEndKind kind, string sentence, long now)
    {
        if (State is SessionState.Ended or SessionState.Lost)
            return;
        if (State != SessionState.Open || !IsResumable)
        {
            Fail(kind, sentence);
            return;
        }

        State = SessionState.Lost;
        _loss = new SessionEnd(kind, sentence);
        _graceEnd = now + (long)offer!.Grace.TotalMilliseconds;
        _actions.Enqueue(new SessionAction.Disconnect(_loss));
    }

    /// <summary>The bytes on the connection are no RWS, or either side ends the session.</summary>
    public void Fail(SessionEndKind kind, string sentence)
    {
        if (State == SessionState.Ended)
            return;

        if (State == SessionState.Open && IsResumable && kind != SessionEndKind.ClosedByPeer)
            Transmit(new EndOfSession(sentence, IsFromFirewall: true) { Application = Application });
        State = SessionState.Ended;
        End = new SessionEnd(kind, sentence);
        _outstanding.Clear();
        _buffer.Clear();
        _actions.Enqueue(new SessionAction.Finish(End));
    }

    private void SetUp(ChannelSetupRequest request)
    {
        Client = request;
        if (request.Dialect != ChannelSetupRequest.IsaServerCompatible || request.Version != ChannelSetupRequest.CurrentVersion)
        {
            var sentence = $"this firewall speaks {ChannelSetupRequest.IsaServerCompatible}, version {ChannelSetupRequest.CurrentVersion}; "
                + $"the client asked for {request.Dialect}, version {request.Version}";
            Transmit(new ErrorReply(OpCode.ChannelSetupRequest, WinsockError.WSAVERNOTSUPPORTED, sentence) { Application = Application });
            Fail(SessionEndKind.NotCompatible, sentence);
            return;
        }

        Transmit(response with { Application = Application, ResumeNonce = IsResumable ? offer!.Nonce : default });
        if (authenticationOffered)
            State = SessionState.Authenticating;
        else
            Open("");
    }

    private void Verify(Authenticate leg)
    {
        if (_package.Length == 0)
            _package = leg.Package;
        if (leg.Package != _package || !response.Packages.Contains(_package, StringComparer.OrdinalIgnoreCase))
        {
            Refuse($"the package {leg.Package} was not offered");
            return;
        }

        _verifying = true;
        _actions.Enqueue(new SessionAction.ProcessToken(_package, leg.Token));
    }

    private void Open(string user)
    {
        _user = user;
        if (Client!.Resumption is { Session: not 0 } && offer is not null)
        {
            State = SessionState.Resuming;
            return;
        }

        State = SessionState.Open;
        if (IsResumable)
            Transmit(new SessionTicket(offer!.Session, offer.Secret, offer.Grace) { Application = Application });
        _actions.Enqueue(new SessionAction.Opened(user));
    }

    private void ReceiveOpen(RwsMessage message)
    {
        if (IsResumable && ReplayBuffer.IsNumbered(message))
        {
            _buffer.Count();
            if (_buffer.IsAcknowledgementDue)
                TellReceived(_lastReceived);
        }

        switch (message)
        {
            case KeepAlive:
                Transmit(new KeepAliveReply { Application = Application });
                break;
            case Acknowledge { IsFromFirewall: false } acknowledge when IsResumable && _buffer.TryAcknowledge(acknowledge.Received):
                break;
            case EndOfSession { IsFromFirewall: false } end:
                Fail(SessionEndKind.ClosedByPeer, $"the client ended the session: {end.Reason}");
                break;
            case MappingReceived or EchoRequest:
                _actions.Enqueue(new SessionAction.Deliver(message));
                break;
            case Close { IsFromFirewall: false }:
                // A request that still waits is given up with its object; its reply, if one is on the way, has nobody to go to.
                if (message.FirewallMapping == 0)
                    _outstanding.RemoveWhere(waiting => waiting.Id == message.Id);
                _actions.Enqueue(new SessionAction.Deliver(message));
                break;
            case GetHostByName or GetHostByAddress or DnsQueryRequest or ConnectRequest or BindRequest or ListenRequest:
                TakeRequest(message);
                break;
            default:
                Violation($"{message.OpCode} came while the session was {State}");
                break;
        }
    }

    private void TakeRequest(RwsMessage request)
    {
        if (_outstanding.Count >= RwsLimits.OutstandingRequests)
        {
            SendNumbered(new ErrorReply(request.OpCode, WinsockError.WSAENOBUFS, $"{_outstanding.Count} requests of this session wait already")
            {
                Id = request.Id,
                Application = Application,
            });
        }
        else if (_outstanding.Add((request.Id, request.OpCode)))
        {
            _actions.Enqueue(new SessionAction.Deliver(request));
        }
        else
        {
            Violation($"{request.OpCode} of {request.Id} came again before its reply");
        }
    }

    private void TellReceived(long now)
    {
        _lastTold = now;
        Transmit(new Acknowledge(_buffer.Tell(), IsFromFirewall: true) { Application = Application });
    }

    private void Violation(string sentence) => Fail(SessionEndKind.ProtocolViolation, sentence);

    private void SendNumbered(RwsMessage message)
    {
        if (IsResumable && ReplayBuffer.IsNumbered(message) && !_buffer.TryKeep(message))
            Fail(SessionEndKind.Silent, $"the client has acknowledged none of the last {RwsLimits.UnacknowledgedMessages} messages");
        else if (State == SessionState.Open)
            Transmit(message);
    }

    private void Transmit(RwsMessage message) => _actions.Enqueue(new SessionAction.Transmit(message));
}
