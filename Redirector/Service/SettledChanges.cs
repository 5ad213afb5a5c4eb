namespace FwRedirect.Redirector.Service;

/// <summary>
/// Turns the notices that come in bursts while a network comes up or goes (addresses, then routes, one by one) into one, when it has been quiet for a while; or
/// when it never is.
/// </summary>
internal sealed class SettledChanges : IDisposable
{
    /// <summary>A tunnel adds its routes within a second or so of its address.</summary>
    public static readonly TimeSpan Quiet = TimeSpan.FromSeconds(2);

    /// <summary>An interface that flaps for ever must not keep all others from being noticed.</summary>
    public static readonly TimeSpan Longest = TimeSpan.FromSeconds(10);

    private readonly TimeProvider _time;
    private readonly Action _changed;
    private readonly ITimer _timer;
    private readonly IDisposable _notices;
    private readonly Lock _gate = new();
    private long? _first;

    /// <param name="time">For the waits.</param>
    /// <param name="changed">What is to be done; one call at a time.</param>
    /// <param name="subscribe">Calls what it is given at every notice, until its result is disposed of.</param>
    public SettledChanges(TimeProvider time, Action changed, Func<Action, IDisposable> subscribe)
    {
        _time = time;
        _changed = changed;
        _timer = time.CreateTimer(_ => Fire(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        _notices = subscribe(Notice);
    }

    public void Dispose()
    {
        _notices.Dispose();
        _timer.Dispose();
    }

    private void Notice()
    {
        lock (_gate)
        {
            _first ??= _time.GetTimestamp();
            var left = Longest - _time.GetElapsedTime(_first.Value);
            _timer.Change(left < TimeSpan.Zero ? TimeSpan.Zero : left < Quiet ? left : Quiet, Timeout.InfiniteTimeSpan);
        }
    }

    private void Fire()
    {
        // What is noticed from here on is read again.
        lock (_gate)
            _first = null;
        _changed();
    }
}
