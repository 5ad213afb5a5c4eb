using System.Net;
using System.Net.Sockets;
using FwRedirect.ControlChannel.Messages;
using FwRedirect.ControlChannel.Status;
using FwRedirect.ControlChannel.Wire;
using FwRedirect.FirewallHost.Configuration;
using Microsoft.Extensions.Logging;

namespace FwRedirect.FirewallHost.Sockets;

/// <summary>
/// A small range of inside ports, shared by all flows: a flow is known by its client's address and port, so one listening socket serves all, and the next port is used
/// only where the same client port goes to two servers at once, or did a moment ago. A port's socket is opened when it is first needed.
/// </summary>
internal sealed partial class SharedInsidePorts(PortRange range, TimeProvider time, ILogger logger) : IInsidePorts, ICounted
{
    private readonly Lock _lock = new();
    private readonly Dictionary<IPEndPoint, InsideListener?> _listeners = [];
    private readonly Dictionary<(IPEndPoint Client, IPEndPoint Inside), InsideArrival> _awaited = [];
    private readonly RestingEndpoints _resting = new(time);
    private bool _disposed;

    /// <summary>Opens the first port of the range, so that a wrong address or a range in use shows at start.</summary>
    /// <exception cref="SocketException">It can not be had.</exception>
    public void Open(IPAddress inside)
    {
        var endpoint = new IPEndPoint(inside, range.First);
        lock (_lock)
            _listeners[endpoint] = Listen(endpoint);
    }

    public InsideArrival Announce(IPEndPoint client, IPAddress inside)
    {
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            // A rested port first; where all have been used within the minute, the one whose use is longest ago.
            IPEndPoint? tired = null;
            var tiredSince = DateTimeOffset.MaxValue;
            for (var port = range.First; port <= range.Last; port++)
            {
                var endpoint = new IPEndPoint(inside, port);
                if (_awaited.ContainsKey((client, endpoint)))
                    continue;
                if (_resting.Since(client, endpoint) is not { } since)
                {
                    if (TryListen(endpoint))
                        return Await(client, endpoint);
                }
                else if (since < tiredSince && TryListen(endpoint))
                {
                    (tired, tiredSince) = (endpoint, since);
                }
            }

            return tired is not null
                ? Await(client, tired)
                : throw new SocketFailure(
                    WinsockError.WSAENOBUFS,
                    $"all {range.Count} inside ports of {inside} are in use by {client.Slash()}: more DataPorts are needed than {range}");
        }
    }

    public void Count(StatusCounters counters)
    {
        lock (_lock)
        {
            counters.Add("ports", "insideListening", _listeners.Values.Count(listener => listener is not null));
            counters.Add("ports", "insideInUse", _awaited.Count);
            counters.Add("ports", "insideResting", _resting.Count);
        }
    }

    public void Dispose()
    {
        lock (_lock)
        {
            _disposed = true;
            foreach (var listener in _listeners.Values)
                listener?.Dispose();
            _listeners.Clear();
        }
    }

    private InsideArrival Await(IPEndPoint client, IPEndPoint endpoint)
    {
        var arrival = new InsideArrival(client, endpoint, Release);
        _awaited.Add((client, endpoint), arrival);
        return arrival;
    }

    private void Release(InsideArrival arrival)
    {
        lock (_lock)
        {
            _awaited.Remove((arrival.Client, arrival.Inside));
            _resting.Add(arrival.Client, arrival.Inside);
        }
    }

    /// <summary>False where another program has the port: the range goes on without it.</summary>
    private bool TryListen(IPEndPoint endpoint)
    {
        if (_listeners.TryGetValue(endpoint, out var listener))
            return listener is not null;
        try
        {
            _listeners[endpoint] = Listen(endpoint);
            return true;
        }
        catch (SocketException e)
        {
            // Out of descriptors is not this port's fault, and passes.
            if (e.SocketErrorCode is SocketError.AddressAlreadyInUse or SocketError.AccessDenied)
                _listeners[endpoint] = null;
            LogPortMissing(endpoint.Slash(), e.Message);
            return false;
        }
    }

    private InsideListener Listen(IPEndPoint endpoint)
    {
        var listener = new InsideListener(endpoint, Find, logger);
        listener.Start();
        return listener;
    }

    private InsideArrival? Find(IPEndPoint client, InsideListener listener)
    {
        lock (_lock)
            return _awaited.GetValueOrDefault((client, listener.Endpoint));
    }

    [LoggerMessage(310, LogLevel.Warning, "The inside port {Inside} is left out: {Error}")]
    private partial void LogPortMissing(string inside, string error);
}
