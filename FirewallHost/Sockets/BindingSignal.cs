using System.Net;
using FwRedirect.FirewallHost.Configuration;

namespace FwRedirect.FirewallHost.Sockets;

/// <summary>Tells those who look for a listening binding when to look again.</summary>
internal sealed class BindingSignal(TimeProvider time)
{
    private readonly Lock _lock = new();
    private TaskCompletionSource _changed = NewSignal();

    /// <summary>A binding listens now.</summary>
    public void Raise()
    {
        lock (_lock)
        {
            _changed.TrySetResult();
            _changed = NewSignal();
        }
    }

    /// <summary>What <paramref name="find"/> finds, now or within <see cref="Limits.FtpHold"/>; null where it finds nothing.</summary>
    public async ValueTask<IPEndPoint?> FindAsync(Func<IPEndPoint?> find, CancellationToken stop)
    {
        // A timer of its own: the wait has one end, however often something else changes.
        using var hold = new CancellationTokenSource(Limits.FtpHold, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(hold.Token, stop);
        while (true)
        {
            Task changed;
            lock (_lock)
                changed = _changed.Task;
            if (find() is { } found)
                return found;
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
