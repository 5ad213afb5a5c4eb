using System.Diagnostics.CodeAnalysis;

namespace FwRedirect.FirewallHost.Control;

/// <summary>Only so many at a time; the others wait for their turn, in order, but not for ever.</summary>
[SuppressMessage("Design", "CA1001", Justification = "Work under way gives its place back after the session's end; the semaphore holds nothing of the system.")]
internal sealed class TurnQueue(int places, TimeSpan patience, TimeProvider time)
{
    private readonly SemaphoreSlim _free = new(places);

    /// <summary>False where the turn did not come in time. After true <see cref="Leave"/> has to follow.</summary>
    /// <exception cref="OperationCanceledException">It was not waited for any longer.</exception>
    public async Task<bool> EnterAsync(CancellationToken stop)
    {
        var turn = _free.WaitAsync(stop);
        try
        {
            await turn.WaitAsync(patience, time, stop);
            return true;
        }
        catch (Exception e) when (e is TimeoutException or OperationCanceledException)
        {
            // It may still stay in the queue, or have come this moment: then it goes to the next.
            _ = turn.ContinueWith(_ => _free.Release(), CancellationToken.None, TaskContinuationOptions.OnlyOnRanToCompletion, TaskScheduler.Default);
            stop.ThrowIfCancellationRequested();
            return false;
        }
    }

    public void Leave() => _free.Release();
}
