using System.Numerics;
using System.Runtime.Versioning;

namespace FwRedirect.Redirector.Diversion.Windows;

/// <summary>
/// How long packets waited for us, in windows of ten seconds that have packets. The driver drops what waits too long and tells nobody, so this is where trouble shows first:
/// idle it is about 0.1 ms. One thread notes, any reads; nothing is allocated.
/// </summary>
[SupportedOSPlatform("windows")]
internal sealed class PacketAges(TimeProvider time)
{
    private static readonly TimeSpan Window = TimeSpan.FromSeconds(10);

    /// <summary>One for each power of two in microseconds; the last is over half an hour.</summary>
    private readonly long[] _counts = new long[32];
    private long _windowStart = time.GetTimestamp();
    private long _noted;
    private long _max;
    private long _lastMax;
    private long _lastPercentile;

    /// <summary>The largest of this window and the one before.</summary>
    public TimeSpan Max => TimeSpan.FromTicks(Math.Max(Volatile.Read(ref _max), Volatile.Read(ref _lastMax)));

    /// <summary>99 of 100 packets of the last whole window waited no longer; by powers of two, so at most twice the true figure.</summary>
    public TimeSpan Percentile99 => TimeSpan.FromTicks(Volatile.Read(ref _lastPercentile));

    /// <param name="now">In ticks of the time provider, like <paramref name="timestamp"/>.</param>
    /// <returns>The age; 0 for a time stamp of the future or none at all.</returns>
    public TimeSpan Note(long timestamp, long now)
    {
        if (time.GetElapsedTime(_windowStart, now) >= Window)
            Close(now);
        var age = timestamp > 0 && timestamp < now ? time.GetElapsedTime(timestamp, now) : TimeSpan.Zero;
        var microseconds = (ulong)age.Ticks / TimeSpan.TicksPerMicrosecond;
        _counts[Math.Min(microseconds == 0 ? 0 : BitOperations.Log2(microseconds) + 1, _counts.Length - 1)]++;
        _noted++;
        if (age.Ticks > _max)
            Volatile.Write(ref _max, age.Ticks);
        return age;
    }

    private void Close(long now)
    {
        if (_noted > 0)
        {
            var above = _noted / 100;
            var bucket = _counts.Length - 1;
            for (var seen = _counts[bucket]; seen <= above; seen += _counts[bucket])
                bucket--;
            // No bucket's upper end is more than the largest that was seen.
            Volatile.Write(ref _lastPercentile, Math.Min(_max, (1L << bucket) * TimeSpan.TicksPerMicrosecond));
            Volatile.Write(ref _lastMax, _max);
        }

        Array.Clear(_counts);
        _noted = 0;
        Volatile.Write(ref _max, 0);
        _windowStart = now;
    }
}
