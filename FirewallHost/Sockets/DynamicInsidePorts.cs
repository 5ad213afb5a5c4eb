using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Logging;

namespace FwRedirect.FirewallHost.Sockets;

/// <summary>One listening socket of the system's choosing per flow, as the article shows it.</summary>
internal sealed class DynamicInsidePorts(ILogger logger) : IInsidePorts
{
    public InsideArrival Announce(IPEndPoint client, IPAddress inside)
    {
        InsideArrival? arrival = null;
        InsideListener? listener = null;
        try
        {
            listener = new InsideListener(
                new IPEndPoint(inside, 0), (peer, _) => peer.Equals(client) ? Volatile.Read(ref arrival) : null, logger);
        }
        catch (SocketException e)
        {
            throw new SocketFailure(SocketFailure.Translate(e.SocketErrorCode), $"no inside port could be opened on {inside}: {e.Message}", e);
        }

        Volatile.Write(ref arrival, new InsideArrival(client, listener.Endpoint, _ => listener.Dispose()));
        listener.Start();
        return arrival;
    }

    public void Dispose()
    {
        // Every listening socket belongs to its arrival.
    }
}
