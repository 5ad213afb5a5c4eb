using System.Net;
using FwRedirect.ControlChannel.Client;
using FwRedirect.ControlChannel.Messages;
using FwRedirect.Redirector.Firewall;
using FwRedirect.Redirector.Packets;

namespace FwRedirect.Redirector.Pings;

/// <summary>Which echo requests wait for an answer. Not thread-safe.</summary>
internal sealed class EchoTable
{
    private readonly Dictionary<(FirewallChannel Channel, PacketEndpoint Client, ushort Identifier), EchoRun> _runs = [];
    private readonly Dictionary<Key, SentEcho> _waiting = [];
    private readonly Queue<(Key Key, SentEcho Echo)> _order = new();

    /// <summary>Runs under way.</summary>
    public int Runs => _runs.Count;

    /// <summary>Requests that wait.</summary>
    public int Waiting => _waiting.Count;

    /// <summary>Notes a request that is about to be asked for.</summary>
    public EchoRun Add(SentEcho echo, FirewallChannel channel, long now)
    {
        var name = (channel, echo.Client, echo.Identifier);
        if (!_runs.TryGetValue(name, out var run))
            _runs.Add(name, run = new EchoRun(channel));
        run.UsedAt = now;
        var key = new Key(run.Id, channel.Rws, echo.Destination, echo.Second);
        // The same sequence again is the program's wish: the later one counts.
        _waiting[key] = echo;
        _order.Enqueue((key, echo));
        while (_order.Count > PingLimits.MostWaiting)
            Forget(_order.Dequeue());
        return run;
    }

    /// <summary>The request that an answer is for; null where none waits. It waits on: there may be several answers.</summary>
    public SentEcho? Find(RwsClientChannel channel, ObjectId id, IPAddress destination, ushort identifier, ushort sequence, long now) =>
        _waiting.TryGetValue(new Key(id, channel, PacketEndpoint.From(destination, 0), ((uint)identifier << 16) | sequence), out var echo)
        && now - echo.SentAt < PingLimits.Lifetime ? echo : null;

    /// <summary>Forgets what nobody will answer any more, and returns the runs that are over.</summary>
    public IReadOnlyList<EchoRun> Tick(long now)
    {
        while (_order.TryPeek(out var oldest) && now - oldest.Echo.SentAt >= PingLimits.Lifetime)
            Forget(_order.Dequeue());
        if (_runs.Count == 0)
            return [];
        var over = _runs.Where(r => now - r.Value.UsedAt >= PingLimits.Lifetime || !r.Value.Channel.Rws.IsOpen).ToArray();
        foreach (var (name, _) in over)
            _runs.Remove(name);
        return [.. over.Select(r => r.Value)];
    }

    private void Forget((Key Key, SentEcho Echo) entry)
    {
        if (_waiting.TryGetValue(entry.Key, out var echo) && echo == entry.Echo)
            _waiting.Remove(entry.Key);
    }

    private readonly record struct Key(ObjectId Id, RwsClientChannel Channel, PacketEndpoint Destination, uint Second);
}
