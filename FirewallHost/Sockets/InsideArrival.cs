using System.Net;
using System.Net.Sockets;
using FwRedirect.ControlChannel.Messages;
using FwRedirect.ControlChannel.Wire;
using FwRedirect.FirewallHost.Configuration;

namespace FwRedirect.FirewallHost.Sockets;

/// <summary>An announced client endpoint, and the inside port at which exactly that one is awaited. Disposing gives the pair back.</summary>
internal sealed class InsideArrival(IPEndPoint client, IPEndPoint inside, Action<InsideArrival> release) : IDisposable
{
    private readonly TaskCompletionSource<Socket> _arrived = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Socket? _unclaimed;
    private int _disposed;

    /// <summary>The address and port that the client has announced.</summary>
    public IPEndPoint Client => client;

    /// <summary>Where it is to connect to.</summary>
    public IPEndPoint Inside => inside;

    /// <returns>The client's connection, which is the caller's from here on.</returns>
    /// <exception cref="SocketFailure">It did not come before <see cref="Limits.InsideAcceptDeadline"/>.</exception>
    public async Task<Socket> WaitAsync(TimeProvider time, CancellationToken stop)
    {
        try
        {
            var socket = await _arrived.Task.WaitAsync(Limits.InsideAcceptDeadline, time, stop);
            Interlocked.Exchange(ref _unclaimed, null);
            return socket;
        }
        catch (TimeoutException e)
        {
            throw new SocketFailure(
                WinsockError.WSAETIMEDOUT,
                $"{client.Slash()} did not connect to {inside.Slash()} within {Limits.InsideAcceptDeadline.TotalSeconds} s", e);
        }
    }

    /// <summary>Hands over the accepted connection; false where none is awaited (any more), and it stays the caller's.</summary>
    public bool TryArrive(Socket socket)
    {
        if (Interlocked.CompareExchange(ref _unclaimed, socket, null) is not null)
            return false;
        if (_arrived.TrySetResult(socket))
            return true;
        Interlocked.Exchange(ref _unclaimed, null);
        return false;
    }

    public void Dispose()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0)
            return;
        // An arrival that came as the wait ended belongs to nobody else.
        if (!_arrived.TrySetCanceled())
            Interlocked.Exchange(ref _unclaimed, null)?.Reset();
        release(this);
    }
}
