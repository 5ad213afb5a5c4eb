using System.Net;
using System.Net.Sockets;

namespace FwRedirect.Redirector.Firewall;

/// <summary>At which endpoints of a firewall nobody listens, as the last try of each has shown. Thread-safe.</summary>
internal sealed class RefusingEndpoints
{
    private readonly Lock _lock = new();
    private readonly HashSet<IPEndPoint> _endpoints = [];
    private TaskCompletionSource _changed = NewSignal();

    /// <summary>Until nobody listens at <paramref name="endpoint"/>, which is the exception that it throws.</summary>
    public async Task WhenRefusedAsync(IPEndPoint endpoint, CancellationToken stop)
    {
        while (true)
        {
            Task changed;
            lock (_lock)
            {
                if (_endpoints.Contains(endpoint))
                    throw new SocketException((int)SocketError.ConnectionRefused);
                changed = _changed.Task;
            }

            await changed.WaitAsync(stop);
        }
    }

    /// <summary>A try was refused, or has made a connection.</summary>
    public void Note(IPEndPoint endpoint, bool isRefused)
    {
        TaskCompletionSource told;
        lock (_lock)
        {
            if (isRefused ? !_endpoints.Add(endpoint) : !_endpoints.Remove(endpoint))
                return;
            (told, _changed) = (_changed, NewSignal());
        }

        told.TrySetResult();
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
