using System.Net;

namespace FwRedirect.FirewallHost.Filters.Ftp;

/// <summary>What the bound sockets of one client session look like from outside.</summary>
internal interface IOutsideEndpoints
{
    /// <summary>
    /// The outside endpoint that listens for the program's own socket. Waits a bounded time for one, since a PORT command can overtake the Bind request; null if
    /// there is none.
    /// </summary>
    ValueTask<IPEndPoint?> FindListeningAsync(IPEndPoint client, CancellationToken stop);
}
