namespace FwRedirect.Redirector.Diversion;

/// <summary>
/// Tells who connects and who listens, as it happens: WinDivert's SOCKET layer on Windows, a cgroup sock_ops program on Linux.
/// No order is promised against the packets: a SYN may be seen before the Connect event of its socket.
/// </summary>
public interface ISocketEventSource : IDisposable
{
    /// <summary>Blocks until there is an event; returns how many were written to <paramref name="events"/>, 0 once <see cref="Shutdown"/> was called.</summary>
    int Receive(Span<SocketEvent> events);

    void Shutdown();
}
