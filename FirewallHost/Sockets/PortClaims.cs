using System.Net;
using System.Net.Sockets;
using FwRedirect.ControlChannel.Messages;
using FwRedirect.ControlChannel.Status;
using FwRedirect.ControlChannel.Wire;

namespace FwRedirect.FirewallHost.Sockets;

/// <summary>
/// Ports that are bound for clients. .NET sets SO_REUSEADDR on TCP sockets under Unix, and the kernel then lets two sockets bind one port as long as neither listens;
/// the clash would show only at Listen, where no program expects it.
/// </summary>
internal sealed class PortClaims : ICounted
{
    private const int DynamicAttempts = 16;

    private readonly Lock _lock = new();
    private readonly HashSet<IPEndPoint> _claimed = [];

    /// <summary>A bound socket; port 0 is the system's choice.</summary>
    /// <exception cref="SocketFailure">The port is taken, or the address is not ours.</exception>
    public Socket Bind(IPEndPoint wanted)
    {
        for (var attempt = 0; ; attempt++)
        {
            var socket = new Socket(wanted.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
            try
            {
                socket.Bind(wanted);
                lock (_lock)
                {
                    if (_claimed.Add((IPEndPoint)socket.LocalEndPoint!))
                        return socket;
                }

                socket.Dispose();
                if (wanted.Port != 0 || attempt == DynamicAttempts)
                    throw new SocketFailure(WinsockError.WSAEADDRINUSE, $"{wanted.Slash()} is in use");
            }
            catch (SocketException e)
            {
                socket.Dispose();
                throw new SocketFailure(
                    SocketFailure.Translate(e.SocketErrorCode),
                    e.SocketErrorCode == SocketError.AddressAlreadyInUse ? $"{wanted.Slash()} is in use" : $"binding {wanted.SlashOrDynamic()} failed: {e.Message}",
                    e);
            }
        }
    }

    public void Count(StatusCounters counters)
    {
        lock (_lock)
            counters.Add("ports", "claimed", _claimed.Count);
    }

    public void Release(IPEndPoint endpoint)
    {
        lock (_lock)
            _claimed.Remove(endpoint);
    }
}
