using System.IO.Pipelines;
using System.Net;
using FwRedirect.ControlChannel.Authentication;
using FwRedirect.ControlChannel.Messages;
using FwRedirect.ControlChannel.Session;
using Microsoft.Extensions.Logging;

namespace FwRedirect.ControlChannel.Server;

/// <summary>
/// The firewall's side of one control channel over a duplex pipe: drives a <see cref="ServerSession"/>, verifies tokens, calls the handler. Whatever the peer
/// sends ends at the most this channel.
/// </summary>
public sealed class RwsServerChannel(ServerChannelOptions options, IServerChannelHandler handler, TimeProvider time, ILogger logger) : IServerChannel, IDisposable
{
    private readonly ServerSession _session = new(options.Response, options.AuthenticationOffered);
    private readonly Lock _gate = new();
    private readonly CancellationTokenSource _stopReading = new();
    private readonly CancellationTokenSource _stopWriting = new();
    private MessageWriter? _writer;
    private AuthenticationExchange? _authentication;
    private SessionAction.ProcessToken? _token;
    private IPEndPoint? _remote;
    private ServerIdentity? _identity;

    public ServerIdentity Identity => _identity ?? throw new InvalidOperationException("the channel is not open");

    private long Now => time.Milliseconds();

    /// <summary>Serves the channel until its end; returns why it ended. The transport stays the caller's to close.</summary>
    public async Task<SessionEnd> RunAsync(IDuplexPipe transport, EndPoint? remote, CancellationToken cancellationToken)
    {
        _remote = remote as IPEndPoint;
        _writer = new MessageWriter(transport.Output);
        _session.Start(Now);
        await using var clock = time.CreateTimer(_ => Advance(), null, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(1));
        await using var stopped = cancellationToken.Register(() => Abort("the firewall is stopping"));
        var writing = WriteAsync();
        try
        {
            var end = await MessageReader.RunAsync(transport.Input, TakeAsync, _stopReading.Token);
            if (end is not null)
                Fail(end.Kind, end.Sentence);
        }
        catch (OperationCanceledException)
        {
            // Fail stopped the reading and has said why.
        }

        await writing;
        if (_identity is not null)
            handler.Closed(_session.End!.Sentence);
        return _session.End!;
    }

    public void Send(RwsMessage message)
    {
        lock (_gate)
        {
            _session.Send(message);
            Carry();
        }
    }

    public void Dispose()
    {
        _authentication?.Dispose();
        _stopReading.Dispose();
        _stopWriting.Dispose();
    }

    public void Abort(string reason) => Fail(SessionEndKind.ClosedHere, reason);

    private async Task WriteAsync()
    {
        if (await _writer!.RunAsync(_stopWriting.Token) is { } end)
            Fail(end.Kind, end.Sentence);
    }

    private async ValueTask<bool> TakeAsync(RwsMessage message)
    {
        ChannelLog.Received(logger, message);
        lock (_gate)
        {
            _session.Receive(message, Now);
            Carry();
        }

        // One leg at a time: nothing that the client sends is read before the verdict on its token.
        while (Interlocked.Exchange(ref _token, null) is { } token)
            await VerifyAsync(token);
        return _session.State != SessionState.Ended;
    }

    private async Task VerifyAsync(SessionAction.ProcessToken process)
    {
        _authentication ??= AuthenticationExchange.ForServer(process.Package);
        var step = await _authentication.NextAsync(process.Token, CancellationToken.None);
        lock (_gate)
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
                    ChannelLog.LogonRefused(logger, ClaimedAccount(process.Token.Span), _session.Client!.ClientInfo.User, _session.Client.ClientInfo.Computer, step.Failure);
                    _session.Refuse($"{options.Firewall} did not accept the user name or the password");
                    break;
            }

            Carry();
        }
    }

    /// <summary>Whom the refused token speaks for; a claim, for the log.</summary>
    private static string ClaimedAccount(ReadOnlySpan<byte> token) =>
        NlmpMessage.TryParse(token, out var ntlm) && ntlm.User.Length > 0 ? $"{ntlm.Domain}\\{ntlm.User}" : "an account that its token does not name";

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
                    ChannelLog.Sent(logger, transmit.Message);
                    if (!_writer!.TryWrite(transmit.Message))
                        _session.Fail(SessionEndKind.ConnectionLost, "the client does not read from the control connection");
                    break;
                case SessionAction.ProcessToken process:
                    _token = process;
                    break;
                case SessionAction.Opened opened:
                    _identity = new ServerIdentity(opened.User, _session.Client!.Application, _session.Client.ClientInfo, _remote);
                    Call(() => handler.Opened(this));
                    break;
                case SessionAction.Deliver deliver:
                    Call(() => handler.Request(deliver.Message));
                    break;
                case SessionAction.Finish finish:
                    ChannelLog.Ended(logger, _session.Client?.Application ?? "-", finish.End);
                    _writer!.Complete();
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
            ChannelLog.HandlerFailed(logger, failure);
            _session.Fail(SessionEndKind.ClosedHere, "the firewall could not handle a request of this session");
        }
    }
}
