using System.Collections.Concurrent;
using FwRedirect.Redirector.Diversion;
using FwRedirect.Redirector.Packets;

namespace FwRedirect.Tests.Redirector.Service;

/// <summary>Socket events that the test tells.</summary>
internal sealed class FakeSocketEvents(Action<string> log) : ISocketEventSource
{
    private readonly ConcurrentQueue<SocketEvent> _events = new();
    private readonly SemaphoreSlim _there = new(0);
    private readonly SemaphoreSlim _idle = new(0);
    private volatile bool _ended;

    /// <summary>What the system's own list of listening sockets has.</summary>
    public ConcurrentDictionary<ulong, string> System { get; } = new();

    /// <summary>And of bound UDP sockets.</summary>
    public ConcurrentDictionary<ulong, string> Datagrams { get; } = new();

    public bool HasEvents => !_events.IsEmpty;

    /// <summary>Returns when the reader has dealt with it and waits for the next.</summary>
    public async Task TellAsync(SocketEventKind kind, int processId, ulong socketId, string local, byte protocol = 6, string? remote = null)
    {
        Assert.IsTrue(await _idle.WaitAsync(TimeSpan.FromSeconds(20)));
        if (kind == SocketEventKind.Listen)
            System[socketId] = local;
        else if (kind == SocketEventKind.Bind && protocol == IpProtocol.Udp)
            Datagrams[socketId] = local;
        else if (kind == SocketEventKind.Close)
            (protocol == IpProtocol.Udp ? Datagrams : System).TryRemove(socketId, out _);
        _events.Enqueue(new SocketEvent(kind, protocol, Tests.Redirector.Packets.Raw.At(local), remote is null ? default : Tests.Redirector.Packets.Raw.At(remote), processId, socketId, 0));
        _there.Release();
        Assert.IsTrue(await _idle.WaitAsync(TimeSpan.FromSeconds(20)));
        _idle.Release();
    }

    public bool Wait()
    {
        _idle.Release();
        _there.Wait();
        return !_ended;
    }

    public int Read(Span<SocketEvent> events)
    {
        var count = 0;
        while (count < events.Length && _events.TryDequeue(out var happened))
            events[count++] = happened;
        return count;
    }

    public IReadOnlyList<ListeningSocket>? Listening() =>
    [
        .. System.Select(socket => new ListeningSocket(socket.Key, Tests.Redirector.Packets.Raw.At(socket.Value))),
        .. Datagrams.Select(socket => new ListeningSocket(socket.Key, Tests.Redirector.Packets.Raw.At(socket.Value), IpProtocol.Udp)),
    ];

    public void Shutdown()
    {
        log("shut down events");
        _ended = true;
        _there.Release();
    }

    public void Dispose()
    {
        log("close events");
        _there.Dispose();
        _idle.Dispose();
    }
}
