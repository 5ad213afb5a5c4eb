using System.Runtime.Versioning;
using FwRedirect.Redirector.Diversion.Windows.Native;
using FwRedirect.Redirector.Packets;

namespace FwRedirect.Redirector.Diversion.Windows;

/// <summary>
/// Binds, connects, listens and closes of this machine's programs, from a SOCKET handle of WinDivert. It only looks: such a handle that did not would deny every call.
/// A close may come twice, once without its peer; a connect of process 4 (the system) may follow a program's on the same port.
/// </summary>
[SupportedOSPlatform("windows")]
internal sealed class WinDivertSocketEvents : ISocketEventSource
{
    /// <summary>The thread ends with the events that it has in hand; one that does not is left to the end of the process.</summary>
    private static readonly TimeSpan LongestEnd = TimeSpan.FromSeconds(5);

    /// <summary>Not moved by the collector, since a read waits in the kernel for long.</summary>
    private readonly WinDivertAddress[] _addresses = GC.AllocateArray<WinDivertAddress>(WinDivertNative.LargestBatch, pinned: true);

    private readonly IWinDivertHandle _handle;
    private readonly SocketEventQueue _queue;
    private readonly Thread _reader;
    private bool _disposed;

    /// <exception cref="WinDivertException">The driver refuses; the message is for an operator.</exception>
    public WinDivertSocketEvents(IWinDivertDriver driver, WinDivertOptions options, TimeProvider time)
    {
        _handle = WinDivertOpening.Open(
            driver, Filter(Environment.ProcessId), WinDivertLayer.Socket, WinDivertPriorities.Socket, WinDivertOpenFlags.Sniff | WinDivertOpenFlags.ReceiveOnly, options, time);
        _queue = new SocketEventQueue(options.WaitingEvents);
        _reader = new Thread(ReadAll) { IsBackground = true, Name = "fwredirect WinDivert socket events" };
        _reader.Start();
    }

    public bool HasEvents => _queue.Any;

    /// <summary>Binds that nobody read in time.</summary>
    public long LostBinds => _queue.LostBinds;

    /// <summary>Other events that nobody read in time.</summary>
    public long LostEvents => _queue.Lost;

    /// <summary>
    /// Without our own sockets, and without connects that stay on the machine. Binds and closes can not be told apart by address: one with a wildcard may have none. Neither
    /// "ip" nor "ipv6" may stand here, both are false for every socket event.
    /// </summary>
    public static string Filter(int ownProcess) =>
        $"processId != {ownProcess} and (event == BIND or event == LISTEN or event == CLOSE or (event == CONNECT and !loopback))";

    public bool Wait() => _queue.Wait();

    public int Read(Span<SocketEvent> events) => _queue.Take(events);

    public void Shutdown()
    {
        _queue.End();
        _handle.Shutdown(WinDivertShutdown.Receive);
    }

    public void Dispose()
    {
        if (_disposed)
            return;
        _disposed = true;
        Shutdown();
        _handle.Dispose();
        _reader.Join(LongestEnd);
        _queue.Dispose();
    }

    private static bool TryRead(in WinDivertAddress address, out SocketEvent happened)
    {
        SocketEventKind? kind = address.Event switch
        {
            WinDivertEvent.SocketBind => SocketEventKind.Bind,
            WinDivertEvent.SocketConnect => SocketEventKind.Connect,
            WinDivertEvent.SocketListen => SocketEventKind.Listen,
            WinDivertEvent.SocketAccept => SocketEventKind.Accept,
            WinDivertEvent.SocketClose => SocketEventKind.Close,
            _ => null,
        };
        var isIPv6 = (address.Flags & WinDivertAddressFlags.IPv6) != 0;
        happened = kind is null ? default : new SocketEvent(
            kind.Value,
            address.Protocol,
            Endpoint(address.LocalAddress.Value, address.LocalPort, isIPv6),
            address.RemoteAddress.Value == 0 && address.RemotePort == 0 ? default : Endpoint(address.RemoteAddress.Value, address.RemotePort, isIPv6),
            (int)address.ProcessId,
            address.EndpointId,
            address.Timestamp);
        return kind is not null;
    }

    /// <summary>The driver writes IPv4 addresses mapped, as we do; but where the system has none to tell, it leaves all 16 bytes zero.</summary>
    private static PacketEndpoint Endpoint(UInt128 address, ushort port, bool isIPv6) =>
        address == 0 && !isIPv6 ? PacketEndpoint.FromIPv4(0, port) : new PacketEndpoint(address, port);

    private void ReadAll()
    {
        int error;
        while (_handle.Receive([], _addresses, out _, out var count, out error))
        {
            for (var i = 0; i < count; i++)
            {
                if (TryRead(_addresses[i], out var happened))
                    _queue.Add(happened);
            }
        }

        // An end in order has ended the queue before.
        _queue.End(new WinDivertException(error, "socket events could not be read"));
    }
}
