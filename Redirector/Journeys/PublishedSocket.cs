using System.Net;
using FwRedirect.ControlChannel.Status;
using FwRedirect.ControlChannel.Wire;
using FwRedirect.Redirector.Firewall;
using FwRedirect.Redirector.Packets;
using FwRedirect.Redirector.Processes;
using FwRedirect.Redirector.Rules;
using Microsoft.Extensions.Logging;

namespace FwRedirect.Redirector.Journeys;

/// <summary>
/// A program's socket at the firewall, from its listen() or bind() to its close: asked for, asked for again where that is promised, and given back. Sockets that share an endpoint
/// (SO_REUSEPORT, or one for each address family) are one.
/// </summary>
internal abstract class PublishedSocket(PacketEndpoint local, ProcessInfo process, ListenDecision decision, TimeProvider time, ILogger logger)
{
    private readonly TaskCompletionSource _closed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private TaskCompletionSource _lost = NewSignal();
    private volatile IPEndPoint? _outside;
    private volatile string? _reason;
    private volatile ListenerState _state;
    private long _accepted;

    /// <summary>Where the program listens.</summary>
    public PacketEndpoint Local => local;

    public ListenDecision Decision => decision;

    public ProcessInfo Process => process;

    public BindingStatus Status => new()
    {
        Program = process.Name,
        ProcessId = process.Id,
        User = process.User,
        Protocol = Protocol,
        Client = local.ToString(),
        Outside = IsListening ? _outside?.ToString() : null,
        State = _state.ToString(),
        Reason = IsListening ? null : _reason,
        Accepted = Interlocked.Read(ref _accepted),
    };

    public bool IsListening => _state is ListenerState.Listening or ListenerState.Bound;

    protected ILogger Logger => logger;

    protected bool IsClosed => _closed.Task.IsCompleted;

    protected abstract string Protocol { get; }

    /// <param name="answered">Called once, when the firewall has answered for the first time, or will not.</param>
    public async Task RunAsync(Action answered)
    {
        try
        {
            var error = await TryAskAsync();
            var hasListened = false;
            answered();
            while (!IsClosed)
            {
                if (error is null)
                {
                    await Task.WhenAny(_closed.Task, Volatile.Read(ref _lost).Task);
                    if (IsClosed)
                        break;
                }

                // What was bound once is persistent, however often the firewall is not to be found meanwhile.
                hasListened |= error is null;
                var asksAgain = decision.IsPublished || (decision.IsPersistent && hasListened);
                _state = asksAgain ? ListenerState.Waiting : ListenerState.NotListening;
                if (await IsClosedWithinAsync(asksAgain ? Pause(error) : Timeout.InfiniteTimeSpan))
                    break;
                error = await TryAskAsync();
            }
        }
        finally
        {
            answered();
            GiveBack();
        }
    }

    /// <summary>The program's socket is closed. What the firewall has been asked is answered first, and then given back.</summary>
    public void Close() => _closed.TrySetResult();

    /// <summary>The firewall has given it up, or the channel is gone.</summary>
    public void Lose(string reason)
    {
        if (IsClosed)
            return;
        _reason = reason;
        JourneyLog.BindingLost(logger, process.Name, local, reason);
        Volatile.Read(ref _lost).TrySetResult();
    }

    public void Accept() => Interlocked.Increment(ref _accepted);

    /// <summary>Asks the firewall, on whichever channel there is now.</summary>
    /// <returns>Null: it has the socket. Else why not.</returns>
    protected abstract Task<WinsockError?> AskAsync();

    /// <summary>What the firewall has of it is closed there.</summary>
    protected abstract void GiveBack();

    /// <summary>To be called before the first request of a try: what is lost from here on is this one's.</summary>
    protected void BeginTry() => Volatile.Write(ref _lost, NewSignal());

    protected void Listening(IPEndPoint outside, ListenerState state = ListenerState.Listening)
    {
        _outside = outside;
        _state = state;
        _reason = null;
    }

    /// <summary>Told once for each reason: a port is asked for again every few seconds.</summary>
    protected WinsockError NotListening(WinsockError error, string reason)
    {
        if (_reason != reason)
            JourneyLog.NotListening(logger, process.Name, local.ToIPEndPoint(), reason);
        _reason = reason;
        return error;
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private static TimeSpan Pause(WinsockError? error) => error switch
    {
        null => ListenLimits.RetryLost,
        WinsockError.WSAEACCES => ListenLimits.RetryRefused,
        _ => ListenLimits.Retry,
    };

    private async Task<WinsockError?> TryAskAsync()
    {
        try
        {
            return await AskAsync();
        }
        catch (ChannelUnavailableException unavailable)
        {
            return NotListening(WinsockError.WSAENETDOWN, unavailable.Message);
        }
        catch (Exception failure)
        {
            JourneyLog.ListenFailed(logger, local, failure);
            GiveBack();
            _reason = failure.Message;
            return WinsockError.WSAEINVAL;
        }
    }

    private async Task<bool> IsClosedWithinAsync(TimeSpan pause)
    {
        try
        {
            await _closed.Task.WaitAsync(pause, time);
            return true;
        }
        catch (TimeoutException)
        {
            return false;
        }
    }
}
