namespace FwRedirect.Redirector.Diversion;

/// <summary>
/// Tells who connects and who listens, as it happens: WinDivert's SOCKET layer on Windows, a cgroup sock_ops program on Linux.
/// No order is promised against the packets: a SYN may be seen before the Connect event of its socket.
/// </summary>
public interface ISocketEventSource : IDisposable
{
    /// <summary>True where <see cref="Read"/> has something; no system call, so that a packet thread may ask for every batch.</summary>
    bool HasEvents { get; }

    /// <summary>Blocks until there may be events; false once <see cref="Shutdown"/> was called.</summary>
    bool Wait();

    /// <summary>Writes what is there now to <paramref name="events"/>, in order, and returns how many; does not wait. One caller at a time.</summary>
    int Read(Span<SocketEvent> events);

    /// <summary>Blocks until there is an event; 0 once <see cref="Shutdown"/> was called.</summary>
    int Receive(Span<SocketEvent> events)
    {
        while (Wait())
        {
            var count = Read(events);
            if (count > 0) return count;
        }

        return 0;
    }

    /// <summary>The TCP sockets that listen now and the UDP sockets that are bound, older ones than this source too; null where the system does not tell. May be called from any thread.</summary>
    IReadOnlyList<ListeningSocket>? Listening() => null;

    /// <summary>True for a port of those from which the system chooses where a program leaves it to it. Default: IANA's, which are those of Windows.</summary>
    bool IsDynamicPort(int port) => port >= 49_152;

    void Shutdown();
}
