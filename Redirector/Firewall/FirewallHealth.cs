using FwRedirect.ControlChannel.Session;

namespace FwRedirect.Redirector.Firewall;

/// <summary>
/// Whether a firewall is there, as far as is known, and when to look again. Pure: what happened, time (milliseconds of any steady clock) and chance go in. A firewall
/// that takes connections and then opens no channel does not count as well again: only an open channel forgets the failures.
/// </summary>
internal sealed class FirewallHealth
{
    private readonly BackOff _backOff = new(FirewallLimits.FirstProbe, FirewallLimits.LongestProbe);
    private long _lastTry = long.MinValue / 2;
    private long _nextTry;

    public ReachState State { get; private set; }

    /// <summary>A connection was made.</summary>
    public void Reached(long now) => (State, _lastTry) = (ReachState.Reachable, now);

    /// <summary>A channel was opened: it is well.</summary>
    public void Opened(long now)
    {
        Reached(now);
        _backOff.Reset();
    }

    /// <summary>It did not answer, or not in time.</summary>
    /// <param name="chance">0 to 1, at random.</param>
    public void Failed(long now, double chance)
    {
        State = ReachState.Unreachable;
        _lastTry = now;
        _nextTry = now + (long)_backOff.Next(chance).TotalMilliseconds;
    }

    /// <summary>Time to look whether it is there again; never while it is.</summary>
    public bool IsProbeDue(long now) => State == ReachState.Unreachable && now >= _nextTry;

    /// <summary>Somebody needs it now: it is looked for at once, but not again and again.</summary>
    public bool IsProbeWorthIt(long now) => State == ReachState.Unreachable && now - _lastTry >= (long)FirewallLimits.Pause.TotalMilliseconds;

    /// <summary>Nothing was heard of it for a while.</summary>
    public bool IsOld(long now) => now - _lastTry >= (long)FirewallLimits.Fresh.TotalMilliseconds;

    /// <summary>The network has changed: what was known counts no longer, and the pauses begin anew.</summary>
    public void Forget(long now)
    {
        _backOff.Reset();
        _nextTry = now;
    }
}
