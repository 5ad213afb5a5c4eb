using System.Collections.Concurrent;
using FwRedirect.ControlChannel.Status;
using FwRedirect.FirewallHost.AccessLog;

namespace FwRedirect.FirewallHost.Status;

/// <summary>The TCP connections of all sessions that have not ended.</summary>
internal sealed class LiveConnections(TimeProvider time) : ICounted
{
    private readonly ConcurrentDictionary<uint, LiveConnection> _connections = new();
    private long _everBegun;

    public LiveConnection Begin(AccessEntry entry)
    {
        Interlocked.Increment(ref _everBegun);
        return _connections[entry.Connection] = new LiveConnection(entry, ended => _connections.TryRemove(ended.Entry.Connection, out _));
    }

    public void Count(StatusCounters counters)
    {
        var all = _connections.Values;
        counters.Add("connections", "beingMade", all.Count(one => one.Relay is null));
        counters.Add("connections", "relayed", all.Count(one => one.Relay is not null));
        counters.Add("connections", "inbound", all.Count(one => one.Entry.Inbound));
        counters.Add("connections", "everBegun", Interlocked.Read(ref _everBegun));
    }

    public IEnumerable<FlowStatus> Flows() => _connections.Select(pair => Of(pair.Value));

    private FlowStatus Of(LiveConnection connection)
    {
        var (entry, relay) = (connection.Entry, connection.Relay);
        return new FlowStatus
        {
            Inbound = entry.Inbound,
            Program = entry.Agent,
            User = entry.User,
            Session = entry.Session,
            Client = entry.Client.ToString(),
            Inside = entry.Inside?.ToString(),
            Outside = entry.Outside?.ToString(),
            Peer = entry.Remote?.ToString() ?? "-",
            PeerName = entry.RemoteName,
            State = relay is null ? "BeingMade" : "Relayed",
            BytesOut = relay?.BytesOut ?? 0,
            BytesIn = relay?.BytesIn ?? 0,
            AgeSeconds = (long)(time.GetUtcNow() - entry.Started).TotalSeconds,
            Why = entry.Rule.Length == 0 ? null : entry.Rule,
        };
    }
}
