using System.Collections.Concurrent;
using FwRedirect.Redirector.Diversion;

namespace FwRedirect.Tests.Redirector.Service;

/// <summary>Socket events that the test tells.</summary>
internal sealed class FakeSocketEvents(Action<string> log) : ISocketEventSource
{
    private readonly BlockingCollection<SocketEvent> _events = [];
    private readonly SemaphoreSlim _waiting = new(0);

    /// <summary>Returns when the reader has dealt with it and asks for the next.</summary>
    public async Task TellAsync(SocketEventKind kind, int processId, ulong socketId, string local)
    {
        Assert.IsTrue(await _waiting.WaitAsync(TimeSpan.FromSeconds(20)));
        _events.Add(new SocketEvent(kind, 6, Packets.Raw.At(local), default, processId, socketId, 0));
        Assert.IsTrue(await _waiting.WaitAsync(TimeSpan.FromSeconds(20)));
        _waiting.Release();
    }

    public int Receive(Span<SocketEvent> events)
    {
        _waiting.Release();
        if (!_events.TryTake(out events[0], Timeout.Infinite))
            return 0;
        return 1;
    }

    public void Shutdown()
    {
        log("shut down events");
        _events.CompleteAdding();
    }

    public void Dispose()
    {
        log("close events");
        _events.Dispose();
        _waiting.Dispose();
    }
}
