using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Logging;

namespace FwRedirect.FirewallHost.Sockets.Udp;

/// <summary>One inside socket of the system's choosing per peer, as the article's product had it.</summary>
internal sealed class DynamicDatagramPorts(DroppedDatagrams dropped, ILogger logger) : IInsideDatagramPorts
{
    /// <exception cref="SocketFailure">The system has no socket left; giving way would not help for long.</exception>
    public InsideDatagramPort? TryTake(IPEndPoint client, IPAddress inside)
    {
        try
        {
            return new InsideDatagramPort(new IPEndPoint(inside, 0), dropped, logger);
        }
        catch (SocketException e)
        {
            throw new SocketFailure(SocketFailure.Translate(e.SocketErrorCode), $"no inside port could be opened on {inside}: {e.Message}", e);
        }
    }

    public void Release(IPEndPoint client, InsideDatagramPort port) => port.Dispose();

    public void Forget(IPEndPoint client, IPAddress inside)
    {
        // Each port had one peer only.
    }

    public void Dispose()
    {
        // Every socket belongs to its mapping.
    }
}
