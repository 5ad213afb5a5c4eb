using System.Net;
using System.Net.Sockets;
using FwRedirect.ControlChannel.Messages;
using Microsoft.Extensions.Logging;

namespace FwRedirect.FirewallHost.Sockets.Udp;

/// <summary>Chooses the outside port of a program's UDP socket.</summary>
internal static class OutsideDatagramPorts
{
    /// <summary>Dynamic ports that are looked at for one of the right parity; then any will do.</summary>
    private const int ParityAttempts = 8;

    /// <summary>
    /// The wanted port where it is free; else <paramref name="second"/>, where that is given; else one of the system's choosing, even for even and odd for odd (RFC 4787, 4.2.2:
    /// RTP counts on it).
    /// </summary>
    /// <param name="second">The port behind the one that the program's socket with the port before this one got: RTCP is looked for there.</param>
    /// <exception cref="SocketFailure">There is none.</exception>
    public static DatagramSocket Bind(IPEndPoint wanted, int? second, ILogger logger)
    {
        try
        {
            foreach (var port in new[] { wanted.Port, second ?? 0 })
            {
                if (port is > 0 and <= IPEndPoint.MaxPort && TryBind(new IPEndPoint(wanted.Address, port), logger) is { } socket)
                    return socket;
            }

            return BindDynamic(wanted, logger);
        }
        catch (SocketException e)
        {
            throw new SocketFailure(SocketFailure.Translate(e.SocketErrorCode), $"binding {wanted.SlashOrDynamic()} for UDP failed: {e.Message}", e);
        }
    }

    private static DatagramSocket BindDynamic(IPEndPoint wanted, ILogger logger)
    {
        var dynamic = new IPEndPoint(wanted.Address, 0);
        for (var attempt = 1; ; attempt++)
        {
            var socket = new DatagramSocket(dynamic, hearsErrors: true, logger);
            if (wanted.Port == 0 || attempt == ParityAttempts || IsSameParity(socket.Endpoint.Port, wanted.Port))
                return socket;
            // Its neighbour of the other parity is as good as any, and mostly free.
            var neighbour = TryBind(new IPEndPoint(wanted.Address, socket.Endpoint.Port ^ 1), logger);
            socket.Dispose();
            if (neighbour is not null)
                return neighbour;
        }
    }

    private static bool IsSameParity(int port, int other) => ((port ^ other) & 1) == 0;

    private static DatagramSocket? TryBind(IPEndPoint endpoint, ILogger logger)
    {
        try
        {
            return new DatagramSocket(endpoint, hearsErrors: true, logger);
        }
        catch (SocketException e) when (e.SocketErrorCode is SocketError.AddressAlreadyInUse or SocketError.AccessDenied)
        {
            return null;
        }
    }
}
