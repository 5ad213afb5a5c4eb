using System.Net.Sockets;
using FwRedirect.ControlChannel.Authentication;
using FwRedirect.ControlChannel.Messages;
using FwRedirect.ControlChannel.Session;
using Microsoft.Extensions.Logging;

namespace FwRedirect.ControlChannel.Client;

/// <summary>
/// A client's session over a connected stream, and over further ones where it can be resumed: drives a <see cref="ClientSession"/>, authenticates, keeps alive. Thread-safe.
/// </summary>
public sealed class RwsClientChannel : IAsyncDisposable
{
    /// <summary>How often deadlines are looked at: fine enough for <see cref="SessionTiming.SuspectAfter"/>.</summary>
    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(200);

    /// <summary>Between tries to resume: a firewall whose network came back is found at once, and one that stays away is asked a few times within the grace time.</summary>
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(4);

    private readonly ClientSession _session;
    private readonly ClientChannelOptions _options;
    private readonly IClientChannelHandler _handler;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly Lock _gate = new();
    private readonly Dictionary<RwsMessage, TaskCompletionSource<RwsMessage>> _waiting = new(ReferenceEqualityComparer.Instance);
    private readonly TaskCompletionSource _opened = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly CancellationTokenSource _ended = new();
    private readonly BackOff _backOff = new(FirstPause, LongestPause);
    private TaskCompletionSource _settled = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private ClientConnection? _connection;
    private AuthenticationExchange? _authentication;
    private Task _running = Task.CompletedTask;
    private bool _wasOpen;
    private int _tries;

    private RwsClientChannel(ClientChannelOptions options, IClientChannelHandler handler, TimeProvider time, ILogger logger)
    {
        _options = options;
        _handler = handler;
        _time = time;
        _logger = logger;
        var setup = new ChannelSetupRequest(ChannelSetupRequest.IsaServerCompatible, ChannelSetupRequest.CurrentVersion, options.Client)
        {
            Application = options.Application,
            Resumption = options.Reconnect is null ? null : new Resumption(0, options.Run),
            KillOldSession = options.KillOldSession,
        };
        _session = new ClientSession(setup, options.Packages, options.Credential is not null || options.Impersonation is not null) { KeepAlive = options.KeepAlive };
    }

    public string Application => _options.Application;

    /// <summary>Ids for the objects of this channel.</summary>
    public ObjectIds Ids { get; } = new();

    /// <summary>What the firewall said of itself.</summary>
    public ChannelSetupResponse Setup => _session.Setup ?? throw new InvalidOperationException("the channel was never open");

    /// <summary>The account that the firewall established; empty where it asked for none.</summary>
    public string User { get; private set; } = "";

    public bool IsOpen => _session.State == SessionState.Open;

    /// <summary>Over for good. What is neither open nor over has lost its connection and tries to resume: requests wait for that.</summary>
    public bool HasEnded => _session.State == SessionState.Ended;

    /// <summary>Completes when a lost session goes on, or is over; completed while none is lost.</summary>
    public Task Settled => Volatile.Read(ref _settled).Task;

    private long Now => _time.Milliseconds();

    /// <summary>Sets a channel up over <paramref name="transport"/>, which it owns from here on, and returns when requests may be made.</summary>
    /// <exception cref="ChannelException">It did not open: the firewall refused, or the connection broke. The end says which.</exception>
    public static async Task<RwsClientChannel> OpenAsync(
        Stream transport, ClientChannelOptions options, IClientChannelHandler handler, TimeProvider time, ILogger logger, CancellationToken cancellationToken)
    {
        var channel = new RwsClientChannel(options, handler, time, logger);
        channel._running = channel.RunAsync(transport);
        try
        {
            await channel._opened.Task.WaitAsync(cancellationToken);
            return channel;
        }
        catch
        {
            await channel.DisposeAsync();
            throw;
        }
    }

    /// <summary>Makes a request. The reply is of the request's reply type, or an <see cref="ErrorReply"/>; it comes at the latest at the session's deadline.</summary>
    public Task<RwsMessage> RequestAsync(RwsMessage request)
    {
        var message = request with { Application = _options.Application };
        var completion = new TaskCompletionSource<RwsMessage>(TaskCreationOptions.RunContinuationsAsynchronously);
        Enter(() =>
        {
            _waiting.Add(message, completion);
            _session.Request(message, Now);
        });
        return completion.Task;
    }

    /// <summary>Sends what is not answered: Mapping received, Close.</summary>
    public void Notify(RwsMessage message) => Enter(() => _session.Notify(message with { Application = _options.Application }, Now));

    /// <summary>Ends the channel; requests that wait are answered with an error.</summary>
    public async ValueTask DisposeAsync()
    {
        Enter(() => _session.Fail(SessionEndKind.ClosedHere, "the channel was closed by this computer"));
        await _running;
        _ended.Dispose();
        _authentication?.Dispose();
    }

    private async Task RunAsync(Stream first)
    {
        var connection = _connection = new ClientConnection(first);
        Enter(() => _session.Start(Now));
        await using var clock = _time.CreateTimer(_ => Enter(() => _session.Advance(Now)), null, Tick, Tick);
        while (true)
        {
            var current = connection;
            await current.RunAsync(message => Take(current, message), end => Break(current, end));
            if (await ReconnectAsync() is not { } next)
                break;
            connection = next;
        }

        if (_wasOpen)
            _handler.Ended(this, _session.End!);
    }

    /// <summary>Until there is a connection, or the session is over: null.</summary>
    private async Task<ClientConnection?> ReconnectAsync()
    {
        while (_session.State == SessionState.Lost)
        {
            // The first try at once: mostly it is the connection alone that is gone.
            if (_tries++ > 0)
                await PauseAsync();
            try
            {
                var stream = await _options.Reconnect!(_ended.Token);
                var connection = new ClientConnection(stream);
                _authentication?.Dispose();
                _authentication = null;
                Enter(() =>
                {
                    if (_session.State != SessionState.Lost)
                        return;
                    _connection = connection;
                    _session.Reconnected(Now);
                });
                if (_connection == connection)
                    return connection;
                await stream.DisposeAsync();
            }
            catch (SocketException refusal) when (refusal.SocketErrorCode == SocketError.ConnectionRefused)
            {
                // The machine is there and nobody listens: the firewall that knew the session is no more.
                Enter(() => _session.Fail(SessionEndKind.NotResumed, "the firewall has ended: nobody listens at its control port"));
            }
            catch (Exception failure) when (failure is SocketException or IOException or OperationCanceledException)
            {
                ChannelLog.NotReached(_logger, _options.Application, failure.Message);
            }
        }

        return null;
    }

    private async Task PauseAsync()
    {
        try
        {
            await Task.Delay(_backOff.Next(Random.Shared.NextDouble()), _time, _ended.Token);
        }
        catch (OperationCanceledException)
        {
            // The session is over: the caller sees it.
        }
    }

    private ValueTask<bool> Take(ClientConnection connection, RwsMessage message)
    {
        ChannelLog.Received(_logger, message);
        if (message is ChannelSetupResponse or KeepAliveReply)
            _options.Heard?.Invoke();
        var goesOn = false;
        Enter(() =>
        {
            if (connection != _connection)
                return;
            _session.Receive(message, Now);
            goesOn = _session.State is not (SessionState.Ended or SessionState.Lost);
        });
        return ValueTask.FromResult(goesOn);
    }

    private void Break(ClientConnection connection, SessionEnd end) => Enter(() =>
    {
        if (connection != _connection)
            return;
        if (end.Kind == SessionEndKind.ConnectionLost)
            _session.Lose(end.Kind, end.Sentence, Now);
        else
            _session.Fail(end.Kind, end.Sentence);
    });

    private void Enter(Action work)
    {
        lock (_gate)
        {
            work();
            Carry();
        }
    }

    /// <summary>Carries out what the session asks for; the gate is held.</summary>
    private void Carry()
    {
        while (_session.TryTake(out var action))
        {
            switch (action)
            {
                case SessionAction.Transmit transmit:
                    ChannelLog.Sent(_logger, transmit.Message);
                    if (_connection is not null && !_connection.TryWrite(transmit.Message))
                        _session.Lose(SessionEndKind.ConnectionLost, "the firewall does not read from the control connection", Now);
                    break;
                case SessionAction.ProcessToken process:
                    _ = ProcessTokenAsync(process);
                    break;
                case SessionAction.Opened opened:
                    User = opened.User;
                    _wasOpen = true;
                    _settled.TrySetResult();
                    _opened.TrySetResult();
                    break;
                case SessionAction.Reopened:
                    _settled.TrySetResult();
                    _tries = 0;
                    _backOff.Reset();
                    ChannelLog.Reopened(_logger, _options.Application);
                    _options.Resumed?.Invoke();
                    break;
                case SessionAction.Suspect:
                    _options.Suspect?.Invoke();
                    break;
                case SessionAction.Deliver { Message: NewMapping mapping }:
                    Call(() => _handler.NewMapping(this, mapping));
                    break;
                case SessionAction.Deliver { Message: MappingError error }:
                    Call(() => _handler.MappingFailed(this, error));
                    break;
                case SessionAction.Deliver { Message: SettingsChanged changed }:
                    Call(() => _handler.SettingsChanged(this, changed));
                    break;
                case SessionAction.Deliver { Message: (EchoReply or EchoError) and var answer }:
                    Call(() => _handler.EchoAnswered(this, answer));
                    break;
                case SessionAction.Deliver { Message: Close close }:
                    Call(() => _handler.Closed(this, close));
                    break;
                case SessionAction.Answer answer:
                    if (_waiting.Remove(answer.Request, out var completion))
                        completion.TrySetResult(answer.Reply);
                    break;
                case SessionAction.Disconnect disconnect:
                    ChannelLog.LostHere(_logger, _options.Application, disconnect.End);
                    _connection?.Close();
                    _connection = null;
                    if (_settled.Task.IsCompleted)
                        Volatile.Write(ref _settled, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
                    break;
                case SessionAction.Finish finish:
                    ChannelLog.Ended(_logger, _options.Application, finish.End);
                    _opened.TrySetException(new ChannelException(finish.End));
                    _settled.TrySetResult();
                    _connection?.Close();
                    _ended.CancelAfter(TimeSpan.Zero);
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
            _session.Fail(SessionEndKind.ClosedHere, "this computer could not handle a message of this session");
        }
    }

    private async Task ProcessTokenAsync(SessionAction.ProcessToken process)
    {
        var authentication = _authentication ??= AuthenticationExchange.ForClient(
            process.Package, _options.Credential, _options.TargetName ?? $"HOST/{_session.Setup!.Firewall}", _options.Impersonation);
        var step = await authentication.NextAsync(process.Token, CancellationToken.None);
        Enter(() =>
        {
            // The connection that wanted it is gone, and the next has an exchange of its own.
            if (authentication != _authentication)
                return;
            if (step.Outcome == AuthenticationOutcome.Failed)
                _session.AuthenticationFailed($"{process.Package} could not be carried out on this computer: {step.Failure}");
            else
                _session.TokenProcessed(step.Token, step.Outcome == AuthenticationOutcome.Completed, Now);
        });
    }
}
