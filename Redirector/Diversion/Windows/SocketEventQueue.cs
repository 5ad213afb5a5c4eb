using System.Runtime.Versioning;

namespace FwRedirect.Redirector.Diversion.Windows;

/// <summary>
/// Socket events between the thread that reads the driver and whoever wants them, in order and bounded. Where nobody reads, binds go first: every connect and listen tells again
/// what its bind said.
/// </summary>
[SupportedOSPlatform("windows")]
internal sealed class SocketEventQueue(int capacity) : IDisposable
{
    private readonly SocketEvent[] _ring = new SocketEvent[capacity];
    private readonly ManualResetEventSlim _there = new();
    private readonly Lock _gate = new();
    private int _first;
    private int _count;
    private long _lostBinds;
    private long _lost;
    private volatile bool _ended;
    private volatile Exception? _failure;

    /// <summary>True while there are events; no lock.</summary>
    public bool Any => !_ended && Volatile.Read(ref _count) > 0;

    /// <summary>Binds that went for lack of room.</summary>
    public long LostBinds => Interlocked.Read(ref _lostBinds);

    /// <summary>Other events that went for lack of room.</summary>
    public long Lost => Interlocked.Read(ref _lost);

    public void Add(in SocketEvent happened)
    {
        lock (_gate)
        {
            if (_count == capacity)
                MakeRoom();
            _ring[(_first + _count) % capacity] = happened;
            Volatile.Write(ref _count, _count + 1);
            _there.Set();
        }
    }

    /// <summary>Blocks until there is an event; false after <see cref="End"/>.</summary>
    /// <exception cref="IOException">The reading of the driver failed.</exception>
    public bool Wait()
    {
        if (!_ended)
            _there.Wait();
        if (_failure is { } failure)
            throw new IOException(failure.Message, failure);
        return !_ended;
    }

    public int Take(Span<SocketEvent> events)
    {
        lock (_gate)
        {
            if (_ended)
                return 0;
            var taken = Math.Min(events.Length, _count);
            for (var i = 0; i < taken; i++)
                events[i] = _ring[(_first + i) % capacity];
            _first = (_first + taken) % capacity;
            Volatile.Write(ref _count, _count - taken);
            if (_count == 0)
                _there.Reset();
            return taken;
        }
    }

    /// <param name="failure">What every <see cref="Wait"/> throws; null for an end in order.</param>
    public void End(Exception? failure = null)
    {
        lock (_gate)
        {
            if (!_ended)
                _failure = failure;
            _ended = true;
            _there.Set();
        }
    }

    public void Dispose() => _there.Dispose();

    private void MakeRoom()
    {
        var kept = 0;
        for (var i = 0; i < _count; i++)
        {
            ref readonly var waiting = ref _ring[(_first + i) % capacity];
            if (waiting.Kind != SocketEventKind.Bind)
                _ring[(_first + kept++) % capacity] = waiting;
        }

        Interlocked.Add(ref _lostBinds, _count - kept);
        Volatile.Write(ref _count, kept);
        if (kept < capacity)
            return;
        _first = (_first + 1) % capacity;
        Volatile.Write(ref _count, kept - 1);
        Interlocked.Increment(ref _lost);
    }
}
