using System.Diagnostics;

namespace FwRedirect.Tests.EndToEnd;

/// <summary>Waits for what a running program does in its own time, bounded.</summary>
internal static class Until
{
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(50);

    public static async Task TrueAsync(Func<Task<bool>> condition, Func<string> otherwise, CancellationToken cancellation, TimeSpan? bound = null)
    {
        long started = Stopwatch.GetTimestamp();
        while (!await condition())
        {
            if (Stopwatch.GetElapsedTime(started) > (bound ?? Bound)) Assert.Fail(otherwise());
            await Task.Delay(Interval, cancellation);
        }
    }
}
