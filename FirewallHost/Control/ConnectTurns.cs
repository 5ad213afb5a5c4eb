using System.Diagnostics.CodeAnalysis;
using System.Net.Sockets;
using FwRedirect.ControlChannel.Wire;
using FwRedirect.FirewallHost.Configuration;
using FwRedirect.FirewallHost.Sockets;

namespace FwRedirect.FirewallHost.Control;

/// <summary>
/// Only so many connects of a session are under way outside; the others wait for their turn, in order. A program that opens a thousand connections at once, as it may on a network
/// without a firewall, gets them all.
/// </summary>
[SuppressMessage("Design", "CA1001", Justification = "Connects under way give their places back after the session's end; the semaphore holds nothing of the system.")]
internal sealed class ConnectTurns(TimeProvider time)
{
    private readonly SemaphoreSlim _free = new(Limits.PendingConnectsPerSession);

    /// <exception cref="SocketFailure">The turn did not come in time; or what <paramref name="connect"/> throws.</exception>
    public async Task<Socket> RunAsync(Func<Task<Socket>> connect, CancellationToken stop)
    {
        var turn = _free.WaitAsync(stop);
        try
        {
            await turn.WaitAsync(Limits.ConnectTurn, time, stop);
        }
        catch (Exception e) when (e is TimeoutException or OperationCanceledException)
        {
            // It may still stay in the queue, or have come this moment: then it goes to the next.
            _ = turn.ContinueWith(_ => _free.Release(), CancellationToken.None, TaskContinuationOptions.OnlyOnRanToCompletion, TaskScheduler.Default);
            stop.ThrowIfCancellationRequested();
            throw new SocketFailure(
                WinsockError.WSAENOBUFS, $"the session has {Limits.PendingConnectsPerSession} connects pending, its limit, and its turn did not come for {Limits.ConnectTurn.TotalSeconds} s");
        }

        try
        {
            return await connect();
        }
        finally
        {
            _free.Release();
        }
    }
}
