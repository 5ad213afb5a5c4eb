using FwRedirect.Redirector.Packets;

namespace FwRedirect.Redirector.Diversion;

/// <summary>A TCP socket that listens, or a UDP socket that has a port.</summary>
/// <param name="SocketId">As in its <see cref="SocketEvent"/>s.</param>
/// <param name="Local">Address 0 for a wildcard.</param>
/// <param name="Protocol">IP protocol number.</param>
public readonly record struct ListeningSocket(ulong SocketId, PacketEndpoint Local, byte Protocol = IpProtocol.Tcp);
