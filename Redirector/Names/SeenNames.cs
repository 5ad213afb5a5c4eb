using System.Net;

namespace FwRedirect.Redirector.Names;

/// <summary>
/// By which name a program got an address, so that the firewall's rules and logs can speak of it when the program connects there. Pure: time is in milliseconds. Not for several
/// threads at once.
/// </summary>
internal sealed class SeenNames
{
    private readonly Dictionary<Key, (string Name, long Expires)> _names = [];
    private readonly Queue<Key> _order = [];

    public int Count => _names.Count;

    /// <param name="program">Who asked.</param>
    /// <param name="name">As it was asked for.</param>
    /// <param name="ttl">In seconds.</param>
    public void Remember(object? program, string name, IEnumerable<IPAddress> addresses, uint ttl, long now)
    {
        var expires = now + (ttl * 1000L) + NameLimits.SeenGrace;
        foreach (var address in addresses)
        {
            Remember(new Key(address, program), name, expires);
            // Many programs ask through a service of the system: then the flow is of another program than the question.
            Remember(new Key(address, null), name, expires);
        }
    }

    /// <summary>The name by which <paramref name="program"/> last got <paramref name="address"/>, else anybody; null where nobody did.</summary>
    public string? Find(object? program, IPAddress address, long now)
    {
        if (_names.TryGetValue(new Key(address, program), out var own) && now < own.Expires)
            return own.Name;
        return _names.TryGetValue(new Key(address, null), out var any) && now < any.Expires ? any.Name : null;
    }

    private void Remember(Key key, string name, long expires)
    {
        if (!_names.ContainsKey(key))
        {
            if (_names.Count >= NameLimits.MostSeen)
                _names.Remove(_order.Dequeue());
            _order.Enqueue(key);
        }
        _names[key] = (name, expires);
    }

    private readonly record struct Key(IPAddress Address, object? Program);
}
