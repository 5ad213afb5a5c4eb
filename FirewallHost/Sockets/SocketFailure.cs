using System.Net;
using System.Net.Sockets;
using FwRedirect.ControlChannel.Messages;
using FwRedirect.ControlChannel.Wire;

namespace FwRedirect.FirewallHost.Sockets;

/// <summary>A request that could not be met: what the program shall see, and a sentence for a person.</summary>
internal sealed class SocketFailure(WinsockError error, string sentence, Exception? inner = null) : Exception(sentence, inner)
{
    public WinsockError Error { get; } = error;

    public static SocketFailure Connecting(IPEndPoint destination, SocketException e) => new(
        Translate(e.SocketErrorCode),
        e.SocketErrorCode switch
        {
            SocketError.ConnectionRefused => $"{destination.Slash()} refuses connections",
            SocketError.HostUnreachable or SocketError.HostDown => $"{destination.Address} can not be reached",
            SocketError.NetworkUnreachable or SocketError.NetworkDown => $"the firewall has no route to {destination.Address}",
            SocketError.TimedOut => $"{destination.Slash()} does not answer",
            SocketError.ConnectionReset => $"{destination.Slash()} reset the connection while it was made",
            SocketError.AddressAlreadyInUse or SocketError.AddressNotAvailable =>
                $"the firewall has no free outside port towards {destination.Slash()}",
            SocketError.TooManyOpenSockets or SocketError.NoBufferSpaceAvailable => "the firewall has no socket left (limit of open files)",
            _ => $"connecting to {destination.Slash()} failed: {e.Message}",
        },
        e);

    public static WinsockError Translate(SocketError error) => error switch
    {
        SocketError.ConnectionRefused => WinsockError.WSAECONNREFUSED,
        SocketError.HostUnreachable or SocketError.HostDown => WinsockError.WSAEHOSTUNREACH,
        SocketError.NetworkUnreachable => WinsockError.WSAENETUNREACH,
        SocketError.NetworkDown => WinsockError.WSAENETDOWN,
        SocketError.TimedOut => WinsockError.WSAETIMEDOUT,
        SocketError.ConnectionReset => WinsockError.WSAECONNRESET,
        SocketError.ConnectionAborted => WinsockError.WSAECONNABORTED,
        SocketError.AddressAlreadyInUse => WinsockError.WSAEADDRINUSE,
        SocketError.AddressNotAvailable => WinsockError.WSAEADDRNOTAVAIL,
        SocketError.AccessDenied => WinsockError.WSAEACCES,
        SocketError.TooManyOpenSockets or SocketError.NoBufferSpaceAvailable => WinsockError.WSAENOBUFS,
        SocketError.AddressFamilyNotSupported => WinsockError.WSAEOPNOTSUPP,
        _ => WinsockError.WSAENETDOWN,
    };
}
