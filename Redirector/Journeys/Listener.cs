using System.Net;
using FwRedirect.ControlChannel.Messages;
using FwRedirect.ControlChannel.Status;
using FwRedirect.ControlChannel.Wire;
using FwRedirect.Redirector.Firewall;
using FwRedirect.Redirector.Packets;
using FwRedirect.Redirector.Processes;
using FwRedirect.Redirector.Rules;
using Microsoft.Extensions.Logging;

namespace FwRedirect.Redirector.Journeys;

/// <summary>
/// A program's listening socket at the firewall, from its listen() to its close: asked for, asked for again where that is promised, and given back. Sockets that share an endpoint
/// (SO_REUSEPORT, or one for each address family) are one.
/// </summary>
internal sealed class Listener(
    PacketEndpoint local, ProcessInfo process, ListenDecision decision, Bindings bindings, FirewallChannels channels, TimeProvider time, ILogger logger)
{
    /// <summary>What a Listen request asks for: Linux and Windows tell no backlog, and this is what common servers ask.</summary>
    private const ushort Backlog = 128;

    private readonly TaskCompletionSource _closed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private TaskCompletionSource _lost = NewSignal();
    private Binding? _binding;
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
        Client = local.ToString(),
        Outside = _state == ListenerState.Listening ? _outside?.ToString() : null,
        State = _state.ToString(),
        Reason = _state == ListenerState.Listening ? null : _reason,
        Accepted = Interlocked.Read(ref _accepted),
    };

    public bool IsListening => _state == ListenerState.Listening;

    /// <param name="answered">Called once, when the firewall has answered for the first time, or will not.</param>
    public async Task RunAsync(Action answered)
    {
        try
        {
            var error = await AskAsync();
            var hasListened = false;
            answered();
            while (!_closed.Task.IsCompleted)
            {
                if (error is null)
                {
                    await Task.WhenAny(_closed.Task, Volatile.Read(ref _lost).Task);
                    if (_closed.Task.IsCompleted)
                        break;
                }

                // What was bound once is persistent, however often the firewall is not to be found meanwhile.
                hasListened |= error is null;
                var asksAgain = decision.IsPublished || (decision.IsPersistent && hasListened);
                _state = asksAgain ? ListenerState.Waiting : ListenerState.NotListening;
                if (await IsClosedWithinAsync(asksAgain ? Pause(error) : Timeout.InfiniteTimeSpan))
                    break;
                error = await AskAsync();
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
        _reason = reason;
        JourneyLog.BindingLost(logger, process.Name, local, reason);
        Volatile.Read(ref _lost).TrySetResult();
    }

    public void Accept() => Interlocked.Increment(ref _accepted);

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private static TimeSpan Pause(WinsockError? error) => error switch
    {
        null => ListenLimits.RetryLost,
        WinsockError.WSAEACCES => ListenLimits.RetryRefused,
        _ => ListenLimits.Retry,
    };

    /// <returns>Null: the firewall listens. Else why not.</returns>
    private async Task<WinsockError?> AskAsync()
    {
        try
        {
            var channel = await channels.GetAsync(process);
            if (_closed.Task.IsCompleted)
                return WinsockError.WSAECONNABORTED;
            Volatile.Write(ref _lost, NewSignal());
            // The article's program asks for its own address first (step 5); here that look-up is ours, is answered here, and takes its number all the same.
            var ownAddressId = channel.Rws.Ids.Next();
            var address = local.Address == 0 || local.IPv4 == 0 ? channel.LocalAddress : local.ToIPEndPoint().Address;
            var client = new IPEndPoint(address, local.Port);
            _binding = new Binding(process, channel, ownAddressId, channel.Rws.Ids.Next(boundSocket: true), client, channel.SeenAs(client));
            bindings.Add(_binding, this);
            return await ListenAsync(_binding);
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

    private async Task<WinsockError?> ListenAsync(Binding binding)
    {
        var rws = binding.Channel.Rws;
        var wanted = new IPEndPoint(decision.Address ?? rws.Setup.ExternalAddress, decision.Port);
        var reply = await rws.RequestAsync(new BindRequest(IpProtocol.Tcp, wanted, binding.SeenAs) { Id = binding.Id });
        if (reply is BindReply bound)
        {
            if (_closed.Task.IsCompleted)
                return WinsockError.WSAECONNABORTED;
            reply = await rws.RequestAsync(new ListenRequest(bound.Outside, Backlog) { Id = binding.Id });
            if (reply is ListenReply listening)
            {
                _outside = listening.Outside;
                _state = ListenerState.Listening;
                _reason = null;
                JourneyLog.Listening(logger, process.Name, binding.Client, listening.Outside, decision.Why);
                return null;
            }

            // Bound and not listening: it is not kept.
            rws.Notify(new Close("", IsFromFirewall: false) { Id = binding.Id });
        }

        bindings.Remove(binding);
        _binding = null;
        var error = reply as ErrorReply;
        return NotListening(error?.Error ?? WinsockError.WSAEINVAL, error is null ? reply.Describe() : $"{error.Error}, {error.Sentence}");
    }

    /// <summary>Told once for each reason: a port is asked for again every few seconds.</summary>
    private WinsockError NotListening(WinsockError error, string reason)
    {
        if (_reason != reason)
            JourneyLog.NotListening(logger, process.Name, local.ToIPEndPoint(), reason);
        _reason = reason;
        return error;
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

    private void GiveBack()
    {
        if (_binding is not { } binding || !bindings.Remove(binding))
            return;
        binding.Channel.Rws.Notify(new Close("", IsFromFirewall: false) { Id = binding.Id });
        _binding = null;
    }
}
