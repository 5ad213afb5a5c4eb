using System.Net;
using FwRedirect.ControlChannel.Messages;
using FwRedirect.FirewallHost.Configuration;
using FwRedirect.FirewallHost.Filters.Ftp;

namespace FwRedirect.FirewallHost.Sockets;

/// <summary>The bound sockets of one session.</summary>
internal sealed class SessionBindings(TimeProvider time) : IOutsideEndpoints
{
    private readonly Lock _lock = new();
    private readonly Dictionary<ObjectId, Binding> _bindings = [];
    private TaskCompletionSource _changed = NewSignal();

    public int Count
    {
        get
        {
            lock (_lock)
                return _bindings.Count;
        }
    }

    public Binding[] All()
    {
        lock (_lock)
            return [.. _bindings.Values];
    }

    public bool TryAdd(Binding binding)
    {
        lock (_lock)
            return _bindings.TryAdd(binding.Id, binding);
    }

    public Binding? Find(ObjectId id)
    {
        lock (_lock)
            return _bindings.GetValueOrDefault(id);
    }

    public Binding? Remove(ObjectId id)
    {
        lock (_lock)
            return _bindings.Remove(id, out var binding) ? binding : null;
    }

    public Binding[] RemoveAll()
    {
        lock (_lock)
        {
            Binding[] all = [.. _bindings.Values];
            _bindings.Clear();
            return all;
        }
    }

    /// <summary>A binding listens now: whoever waits for one looks again.</summary>
    public void Changed()
    {
        lock (_lock)
        {
            _changed.TrySetResult();
            _changed = NewSignal();
        }
    }

    public bool AnyListening()
    {
        lock (_lock)
            return _bindings.Values.Any(binding => binding.IsListening);
    }

    /// <summary>True where an outside connection stands in a listening socket and has not been accepted.</summary>
    public bool AnyWaiting()
    {
        lock (_lock)
            return _bindings.Values.Any(binding => binding.HasWaiting);
    }

    public async ValueTask<IPEndPoint?> FindListeningAsync(IPEndPoint client, CancellationToken stop)
    {
        // A timer of its own: the wait has one end, however often something else changes.
        using var hold = new CancellationTokenSource(Limits.FtpHold, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(hold.Token, stop);
        while (true)
        {
            Task changed;
            lock (_lock)
            {
                if (_bindings.Values.FirstOrDefault(binding => binding.IsListening && binding.Client.Equals(client)) is { } found)
                    return found.Outside;
                changed = _changed.Task;
            }

            try
            {
                await changed.WaitAsync(either.Token);
            }
            catch (OperationCanceledException) when (!stop.IsCancellationRequested)
            {
                return null;
            }
        }
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
