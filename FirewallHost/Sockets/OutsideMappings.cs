using System.Net;
using FwRedirect.ControlChannel.Status;

namespace FwRedirect.FirewallHost.Sockets;

/// <summary>
/// Client endpoints that have connections now, each with its one outside port: whoever is connected to from one of them sees the same (RFC 5382, REQ-1), so that a program can be told its
/// outside endpoint by one server and use it with another. Thread-safe.
/// </summary>
internal sealed class OutsideMappings : ICounted
{
    private readonly Lock _lock = new();
    private readonly Dictionary<IPEndPoint, Entry> _entries = [];

    /// <summary>Adds a use; the caller disposes it when its connection is over.</summary>
    public OutsideMapping Take(IPEndPoint client)
    {
        lock (_lock)
        {
            if (!_entries.TryGetValue(client, out var entry))
                _entries.Add(client, entry = new Entry());
            entry.Uses++;
            return new OutsideMapping(this, client, entry);
        }
    }

    public void Count(StatusCounters counters)
    {
        lock (_lock)
            counters.Add("ports", "mapped", _entries.Count);
    }

    internal void Leave(IPEndPoint client)
    {
        lock (_lock)
        {
            if (_entries.TryGetValue(client, out var entry) && --entry.Uses == 0)
                _entries.Remove(client);
        }
    }

    /// <summary>What the uses of one client endpoint share.</summary>
    internal sealed class Entry
    {
        public Lock Gate { get; } = new();

        public int Port { get; set; }

        public int Uses { get; set; }
    }
}
