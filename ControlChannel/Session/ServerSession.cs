using FwRedirect.ControlChannel.Messages;
using FwRedirect.ControlChannel.Wire;

namespace FwRedirect.ControlChannel.Session;

/// <summary>
/// The firewall's side of one control channel, without sockets, threads or clock: messages, verdicts on tokens and time go in (<c>now</c> in milliseconds
/// of any steady clock), actions come out of <see cref="TryTake"/>. Not thread-safe.
/// </summary>
public sealed class ServerSession(ChannelSetupResponse response, bool authenticationOffered)
{
    private readonly Queue<SessionAction> _actions = new();
    private readonly HashSet<(ObjectId Id, OpCode Request)> _outstanding = [];
    private long _setupDeadline;
    private long _lastReceived;
    private bool _verifying;
    private string _package = "";

    public SessionState State { get; private set; }

    /// <summary>What the client said of itself; null until it did.</summary>
    public ChannelSetupRequest? Client { get; private set; }

    /// <summary>The first reason of the end; null before it.</summary>
    public SessionEnd? End { get; private set; }

    private string Application => Client?.Application ?? "";

    public bool TryTake(out SessionAction? action) => _actions.TryDequeue(out action);

    public void Start(long now)
    {
        _setupDeadline = now + SessionTiming.SetupDeadline;
        _lastReceived = now;
    }

    /// <summary>A whole message from the client.</summary>
    public void Receive(RwsMessage message, long now)
    {
        if (State == SessionState.Ended)
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
                TakeOpen(message);
                break;
            case (SessionState.Open, _):
                TakeOpen(message);
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

    /// <summary>Sends a reply or a notice of the firewall; a reply to nothing that waits is dropped (its request went with a Close).</summary>
    public void Send(RwsMessage message)
    {
        if (State != SessionState.Open)
            return;
        if (message.AnswersTo is { } request && !_outstanding.Remove((message.Id, request)))
            return;

        Transmit(message with { Application = Application });
    }

    /// <summary>Time went by.</summary>
    public void Advance(long now)
    {
        var silence = now - _lastReceived;
        if (State is SessionState.SettingUp or SessionState.Authenticating && now >= _setupDeadline)
            Fail(SessionEndKind.Silent, $"the client did not open its session within {SessionTiming.SetupDeadline / 1000} s");
        else if (State == SessionState.Open && silence >= SessionTiming.SilentIntervals * (long)response.KeepAlive.TotalMilliseconds)
            Fail(SessionEndKind.Silent, $"the client was silent for {silence / 1000} s");
    }

    /// <summary>The connection is gone, the bytes on it are no RWS, or the firewall ends it.</summary>
    public void Fail(SessionEndKind kind, string sentence)
    {
        if (State == SessionState.Ended)
            return;

        State = SessionState.Ended;
        End = new SessionEnd(kind, sentence);
        _outstanding.Clear();
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

        Transmit(response with { Application = Application });
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
        State = SessionState.Open;
        _actions.Enqueue(new SessionAction.Opened(user));
    }

    private void TakeOpen(RwsMessage message)
    {
        switch (message)
        {
            case KeepAlive:
                Transmit(new KeepAliveReply { Application = Application });
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
            Transmit(new ErrorReply(request.OpCode, WinsockError.WSAENOBUFS, $"{_outstanding.Count} requests of this session wait already")
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

    private void Violation(string sentence) => Fail(SessionEndKind.ProtocolViolation, sentence);

    private void Transmit(RwsMessage message) => _actions.Enqueue(new SessionAction.Transmit(message));
}
