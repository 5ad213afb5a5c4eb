using System.Net;
using System.Net.Sockets;
using FwRedirect.ControlChannel.Messages;
using FwRedirect.FirewallHost.Configuration;
using Microsoft.Extensions.Logging;

namespace FwRedirect.FirewallHost.Sockets.Udp;

/// <summary>
/// The same small range of inside ports as for TCP. A mapping is known by client socket and port, so that one client socket has as many peers as there are ports, less those
/// that rest. A port's socket is opened when it is first needed.
/// </summary>
internal sealed partial class SharedDatagramPorts(PortRange range, DroppedDatagrams dropped, ILogger logger) : IInsideDatagramPorts
{
    private readonly Lock _lock = new();
    private readonly Dictionary<IPEndPoint, InsideDatagramPort?> _ports = [];
    private readonly Dictionary<(IPEndPoint Client, IPAddress Inside), ClientPorts> _clients = [];
    private readonly int _resting = range.Count == 1 ? 0 : Math.Max(1, range.Count / Limits.RestingPart);
    private bool _disposed;

    public InsideDatagramPort? TryTake(IPEndPoint client, IPAddress inside)
    {
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            if (!_clients.TryGetValue((client, inside), out var ports))
                _clients.Add((client, inside), ports = new ClientPorts());
            while (range.Count - ports.Fresh + ports.Rested.Count > _resting)
            {
                // Never used ones first, then the one whose use is longest ago.
                var port = ports.Fresh < range.Count ? Open(new IPEndPoint(inside, range.First + ports.Fresh++)) : ports.Rested.Dequeue();
                if (port is null)
                    continue;
                ports.Taken++;
                return port;
            }

            return null;
        }
    }

    public void Release(IPEndPoint client, InsideDatagramPort port)
    {
        lock (_lock)
        {
            if (!_clients.TryGetValue((client, port.Endpoint.Address), out var ports))
                return;
            ports.Taken--;
            ports.Rested.Enqueue(port);
        }
    }

    public void Forget(IPEndPoint client, IPAddress inside)
    {
        lock (_lock)
        {
            // Two programs may share one client socket's address and port.
            if (_clients.TryGetValue((client, inside), out var ports) && ports.Taken == 0)
                _clients.Remove((client, inside));
        }
    }

    public void Dispose()
    {
        lock (_lock)
        {
            _disposed = true;
            foreach (var port in _ports.Values)
                port?.Dispose();
            _ports.Clear();
        }
    }

    /// <summary>Null where another program has the port: the range goes on without it.</summary>
    private InsideDatagramPort? Open(IPEndPoint endpoint)
    {
        if (_ports.TryGetValue(endpoint, out var port))
            return port;
        try
        {
            return _ports[endpoint] = new InsideDatagramPort(endpoint, dropped, logger);
        }
        catch (SocketException e)
        {
            // Out of descriptors is not this port's fault, and passes.
            if (e.SocketErrorCode is SocketError.AddressAlreadyInUse or SocketError.AccessDenied)
                _ports[endpoint] = null;
            LogPortMissing(endpoint.Slash(), e.Message);
            return null;
        }
    }

    [LoggerMessage(322, LogLevel.Warning, "The inside port {Inside} is left out for UDP: {Error}")]
    private partial void LogPortMissing(string inside, string error);

    private sealed class ClientPorts
    {
        /// <summary>How many of the range have been looked at for this client socket.</summary>
        public int Fresh { get; set; }

        public int Taken { get; set; }

        public Queue<InsideDatagramPort> Rested { get; } = [];
    }
}
