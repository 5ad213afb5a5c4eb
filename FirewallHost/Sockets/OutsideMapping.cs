using System.Net;

namespace FwRedirect.FirewallHost.Sockets;

/// <summary>One use of the outside port that a client's endpoint has; the last use to end frees it.</summary>
internal sealed class OutsideMapping(OutsideMappings all, IPEndPoint client, OutsideMappings.Entry entry) : IDisposable
{
    private int _disposed;

    /// <summary>Taken from the look at <see cref="Port"/> until it is used: two connections at once must not choose two.</summary>
    public Lock Gate => entry.Gate;

    /// <summary>0 while no connection has one. Under the gate.</summary>
    public int Port
    {
        get => entry.Port;
        set => entry.Port = value;
    }

    public void Dispose()
    {
        if (Interlocked.Exchange(ref _disposed, 1) == 0)
            all.Leave(client);
    }
}
