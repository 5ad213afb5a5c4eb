using System.Net;
using FwRedirect.ControlChannel.Status;
using FwRedirect.FirewallHost.Configuration;

namespace FwRedirect.FirewallHost.Names;

/// <summary>
/// Which names this firewall has found to be at an address: what rules that name destinations are matched by, since a connection itself shows only an address.
/// </summary>
internal sealed class ResolvedNames(TimeProvider time) : ICounted
{
    private readonly Lock _lock = new();
    private readonly Dictionary<IPAddress, Entry> _entries = [];
    private readonly Queue<IPAddress> _order = [];

    public void Remember(string name, IEnumerable<IPAddress> addresses)
    {
        var now = time.GetUtcNow();
        lock (_lock)
        {
            foreach (var address in addresses)
            {
                if (!_entries.TryGetValue(address, out var entry))
                {
                    if (_order.Count == Limits.RememberedAddresses)
                        _entries.Remove(_order.Dequeue());
                    _entries[address] = entry = new Entry();
                    _order.Enqueue(address);
                }

                entry.Add(name, now);
            }
        }
    }

    public void Count(StatusCounters counters)
    {
        lock (_lock)
            counters.Add("names", "addressesKnown", _entries.Count);
    }

    public IReadOnlyCollection<string> Of(IPAddress address)
    {
        lock (_lock)
            return _entries.TryGetValue(address, out var entry) ? entry.Since(time.GetUtcNow() - Limits.NameMemory) : [];
    }

    private sealed class Entry
    {
        private readonly Dictionary<string, DateTimeOffset> _names = new(StringComparer.OrdinalIgnoreCase);

        public void Add(string name, DateTimeOffset now)
        {
            if (_names.Count >= Limits.NamesPerAddress && !_names.ContainsKey(name))
                _names.Remove(_names.MinBy(pair => pair.Value).Key);
            _names[name] = now;
        }

        public string[] Since(DateTimeOffset oldest) => [.. _names.Where(pair => pair.Value >= oldest).Select(pair => pair.Key)];
    }
}
