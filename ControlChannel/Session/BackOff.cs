namespace FwRedirect.ControlChannel.Session;

/// <summary>The pauses between tries: each twice as long as the one before, up to the longest, and each a little by chance, so that many who lost the same do not come back at once.</summary>
/// <param name="first">The first pause.</param>
/// <param name="longest">None is longer, but for its part of chance.</param>
public sealed class BackOff(TimeSpan first, TimeSpan longest)
{
    /// <summary>The part of a pause that is left to chance, up and down.</summary>
    private const double Jitter = 0.2;

    private TimeSpan? _next;

    /// <summary>The next pause.</summary>
    /// <param name="chance">0 to 1, at random.</param>
    public TimeSpan Next(double chance)
    {
        var pause = _next ?? first;
        _next = TimeSpan.FromTicks(Math.Min(2 * pause.Ticks, longest.Ticks));
        return pause * (1 - Jitter + (2 * Jitter * chance));
    }

    /// <summary>It worked: the next pause is the first again.</summary>
    public void Reset() => _next = null;
}
