using System.IO.Pipelines;
using FwRedirect.ControlChannel.Authentication;
using FwRedirect.ControlChannel.Messages;
using FwRedirect.ControlChannel.Session;
using Microsoft.Extensions.Logging;

namespace FwRedirect.ControlChannel.Client;

/// <summary>
/// A client's control channel over a connected stream: drives a <see cref="ClientSession"/>, authenticates, keeps alive. Thread-safe.
/// </summary>
public sealed class RwsClientChannel : IAsyncDisposable
{
    private readonly ClientSession _session;
    private readonly ClientChannelOptions _options;
    private readonly IClientChannelHandler _handler;
    private readonly Stream _transport;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly MessageWriter _writer;
    private readonly Lock _gate = new();
    private readonly Dictionary<RwsMessage, TaskCompletionSource<RwsMessage>> _waiting = new(ReferenceEqualityComparer.Instance);
    private readonly TaskCompletionSource _opened = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly CancellationTokenSource _stopReading = new();
    private readonly CancellationTokenSource _stopWriting = new();
    private AuthenticationExchange? _authentication;
    private Task _running = Task.CompletedTask;
    private bool _wasOpen;

    private RwsClientChannel(Stream transport, ClientChannelOptions options, IClientChannelHandler handler, TimeProvider time, ILogger logger)
    {
        _transport = transport;
        _options = options;
        _handler = handler;
        _time = time;
        _logger = logger;
        _writer = new MessageWriter(PipeWriter.Create(transport, new StreamPipeWriterOptions(leaveOpen: true)));
        var setup = new ChannelSetupRequest(ChannelSetupRequest.IsaServerCompatible, ChannelSetupRequest.CurrentVersion, options.Client)
        {
            Application = options.Application,
        };
        _session = new ClientSession(setup, options.Packages, options.Credential is not null || options.Impersonation is not null);
    }

    public string Application => _options.Application;

    /// <summary>Ids for the objects of this channel.</summary>
    public ObjectIds Ids { get; } = new();

    /// <summary>What the firewall said of itself.</summary>
    public ChannelSetupResponse Setup => _session.Setup ?? throw new InvalidOperationException("the channel was never open");

    /// <summary>The account that the firewall established; empty where it asked for none.</summary>
    public string User { get; private set; } = "";

    public bool IsOpen => _session.State == SessionState.Open;

    private long Now => _time.Milliseconds();

    /// <summary>Sets a channel up over <paramref name="transport"/>, which it owns from here on, and returns when requests may be made.</summary>
    /// <exception cref="ChannelException">It did not open: the firewall refused, or the connection broke. The end says which.</exception>
    public static async Task<RwsClientChannel> OpenAsync(
        Stream transport, ClientChannelOptions options, IClientChannelHandler handler, TimeProvider time, ILogger logger, CancellationToken cancellationToken)
    {
        var channel = new RwsClientChannel(transport, options, handler, time, logger);
        channel._running = channel.RunAsync();
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
        lock (_gate)
        {
            _waiting.Add(message, completion);
            _session.Request(message, Now);
            Carry();
        }

        return completion.Task;
    }

    /// <summary>Sends what is not answered: Mapping received, Close.</summary>
    public void Notify(RwsMessage message)
    {
        lock (_gate)
        {
            _session.Notify(message with { Application = _options.Application }, Now);
            Carry();
        }
    }

    /// <summary>Ends the channel; requests that wait are answered with an error.</summary>
    public async ValueTask DisposeAsync()
    {
        Fail(SessionEndKind.ClosedHere, "the channel was closed by this computer");
        await _running;
        _stopReading.Dispose();
        _stopWriting.Dispose();
        _authentication?.Dispose();
    }

    private async Task RunAsync()
    {
        lock (_gate)
        {
            _session.Start(Now);
            Carry();
        }

        await using var clock = _time.CreateTimer(_ => Advance(), null, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(1));
        var writing = WriteAsync();
        var input = PipeReader.Create(_transport, new StreamPipeReaderOptions(leaveOpen: true));
        try
        {
            var end = await MessageReader.RunAsync(input, TakeAsync, _stopReading.Token);
            if (end is not null)
                Fail(end.Kind, end.Sentence);
        }
        catch (OperationCanceledException)
        {
            // Fail or DisposeAsync stopped the reading and has said why.
        }

        await writing;
        await _transport.DisposeAsync();
        if (_wasOpen)
            _handler.Ended(this, _session.End!);
    }

    private async Task WriteAsync()
    {
        if (await _writer.RunAsync(_stopWriting.Token) is { } end)
            Fail(end.Kind, end.Sentence);
    }

    private ValueTask<bool> TakeAsync(RwsMessage message)
    {
        ChannelLog.Received(_logger, message);
        lock (_gate)
        {
            _session.Receive(message, Now);
            Carry();
            return ValueTask.FromResult(_session.State != SessionState.Ended);
        }
    }

    private void Advance()
    {
        lock (_gate)
        {
            _session.Advance(Now);
            Carry();
        }
    }

    private void Fail(SessionEndKind kind, string sentence)
    {
        lock (_gate)
        {
            _session.Fail(kind, sentence);
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
                    if (!_writer.TryWrite(transmit.Message))
                        _session.Fail(SessionEndKind.ConnectionLost, "the firewall does not read from the control connection");
                    break;
                case SessionAction.ProcessToken process:
                    _ = ProcessTokenAsync(process);
                    break;
                case SessionAction.Opened opened:
                    User = opened.User;
                    _wasOpen = true;
                    _opened.TrySetResult();
                    break;
                case SessionAction.Deliver { Message: NewMapping mapping }:
                    Call(() => _handler.NewMapping(this, mapping));
                    break;
                case SessionAction.Deliver { Message: MappingError error }:
                    Call(() => _handler.MappingFailed(this, error));
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
                case SessionAction.Finish finish:
                    ChannelLog.Ended(_logger, _options.Application, finish.End);
                    _opened.TrySetException(new ChannelException(finish.End));
                    _writer.Complete();
                    _stopReading.CancelAfter(TimeSpan.Zero);
                    _stopWriting.CancelAfter(MessageWriter.Linger);
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
        _authentication ??= AuthenticationExchange.ForClient(
            process.Package, _options.Credential, _options.TargetName ?? $"HOST/{_session.Setup!.Firewall}", _options.Impersonation);
        var step = await _authentication.NextAsync(process.Token, CancellationToken.None);
        lock (_gate)
        {
            if (step.Outcome == AuthenticationOutcome.Failed)
                _session.AuthenticationFailed($"{process.Package} could not be carried out on this computer: {step.Failure}");
            else
                _session.TokenProcessed(step.Token, step.Outcome == AuthenticationOutcome.Completed, Now);
            Carry();
        }
    }
}
