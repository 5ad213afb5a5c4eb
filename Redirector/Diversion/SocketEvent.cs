using FwRedirect.Redirector.Packets;

namespace FwRedirect.Redirector.Diversion;

/// <summary>A program did something to a socket.</summary>
/// <param name="Kind">What it did.</param>
/// <param name="Protocol">IP protocol number: 6 TCP, 17 UDP.</param>
/// <param name="Local">The socket's own endpoint; address 0 (::ffff:0.0.0.0 or ::) for a wildcard bind.</param>
/// <param name="Remote">The peer; all zero where there is none.</param>
/// <param name="ProcessId">The calling process; 0 where the system did not say.</param>
/// <param name="SocketId">Names the socket for its lifetime (Linux: socket cookie; WinDivert: EndpointId): joins Listen and Close.</param>
/// <param name="Timestamp">In <see cref="TimeProvider.GetTimestamp"/> ticks.</param>
public readonly record struct SocketEvent(
    SocketEventKind Kind, byte Protocol, PacketEndpoint Local, PacketEndpoint Remote, int ProcessId, ulong SocketId, long Timestamp);
