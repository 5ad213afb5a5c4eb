using FwRedirect.FirewallHost.Configuration;
using FwRedirect.FirewallHost.Filters.Ftp;

namespace FwRedirect.FirewallHost.Sockets;

/// <summary>Counts the outside connections of one session between their arrival and the program that they are for.</summary>
internal sealed class SessionArrivals(SessionBindings bindings, TimeProvider time) : IOutsideArrivals
{
    private readonly Lock _lock = new();
    private TaskCompletionSource _changed = NewSignal();
    private int _onTheWay;

    public void Came()
    {
        lock (_lock)
            _onTheWay++;
    }

    /// <summary>It has reached the program, or never will.</summary>
    public void Settled()
    {
        lock (_lock)
        {
            _onTheWay--;
            _changed.TrySetResult();
            _changed = NewSignal();
        }
    }

    public async ValueTask SettledAsync(CancellationToken stop)
    {
        using var hold = new CancellationTokenSource(Limits.FtpHold, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(hold.Token, stop);
        var lookedTwice = false;
        while (true)
        {
            Task next;
            lock (_lock)
            {
                // One that the kernel has and we have not accepted yet will be counted in a moment, and settled after that.
                var isQuiet = _onTheWay == 0 && !bindings.AnyWaiting();
                if (isQuiet && (lookedTwice || !bindings.AnyListening()))
                    return;
                // Between the runtime's accept() and our count a connection is in neither: seen once in some hundred listings. So a quiet look is taken twice.
                next = isQuiet ? Task.Delay(Limits.SecondLook, time, either.Token) : _changed.Task;
                lookedTwice = true;
            }

            try
            {
                await next.WaitAsync(either.Token);
            }
            catch (OperationCanceledException) when (!stop.IsCancellationRequested)
            {
                return;
            }
        }
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
