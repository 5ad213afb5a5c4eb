using System.Net.Sockets;

namespace FwRedirect.FirewallHost.Relay;

/// <summary>Why one direction stopped: <see cref="SocketError.Success"/> for its source's FIN, else the error and whether the source or the target had it.</summary>
internal readonly record struct DirectionEnd(SocketError Error, bool AtSource)
{
    public static DirectionEnd Finished => new(SocketError.Success, AtSource: true);
}
