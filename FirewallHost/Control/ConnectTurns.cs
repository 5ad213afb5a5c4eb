using System.Net.Sockets;
using FwRedirect.ControlChannel.Wire;
using FwRedirect.FirewallHost.Configuration;
using FwRedirect.FirewallHost.Sockets;

namespace FwRedirect.FirewallHost.Control;

/// <summary>
/// Only so many connects of a session are under way outside. A program that opens a thousand connections at once, as it may on a network without a firewall, gets them all.
/// </summary>
internal sealed class ConnectTurns(TimeProvider time)
{
    private readonly TurnQueue _queue = new(Limits.PendingConnectsPerSession, Limits.ConnectTurn, time);

    /// <exception cref="SocketFailure">The turn did not come in time; or what <paramref name="connect"/> throws.</exception>
    public async Task<Socket> RunAsync(Func<Task<Socket>> connect, CancellationToken stop)
    {
        if (!await _queue.EnterAsync(stop))
        {
            throw new SocketFailure(
                WinsockError.WSAENOBUFS, $"the session has {Limits.PendingConnectsPerSession} connects pending, its limit, and its turn did not come for {Limits.ConnectTurn.TotalSeconds} s");
        }

        try
        {
            return await connect();
        }
        finally
        {
            _queue.Leave();
        }
    }
}
