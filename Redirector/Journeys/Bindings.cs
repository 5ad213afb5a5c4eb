using System.Collections.Concurrent;
using FwRedirect.ControlChannel.Client;
using FwRedirect.ControlChannel.Messages;

namespace FwRedirect.Redirector.Journeys;

/// <summary>The bindings at the firewall, by the names that the firewall has for them. Whoever takes one out gives its numbers back, once.</summary>
internal sealed class Bindings
{
    private readonly ConcurrentDictionary<(RwsClientChannel Channel, ObjectId Id), (Binding Binding, Listener Listener)> _bindings = new();

    public int Count => _bindings.Count;

    public void Add(Binding binding, Listener listener) => _bindings[(binding.Channel.Rws, binding.Id)] = (binding, listener);

    public (Binding Binding, Listener Listener)? Find(RwsClientChannel channel, ObjectId id) => _bindings.TryGetValue((channel, id), out var found) ? found : null;

    /// <summary>False where somebody else has done it.</summary>
    public bool Remove(Binding binding) => Take((binding.Channel.Rws, binding.Id)) is not null;

    /// <summary>The firewall has given these up.</summary>
    /// <param name="id">Null: all of the channel.</param>
    public void Lose(RwsClientChannel channel, ObjectId? id, string reason)
    {
        foreach (var key in _bindings.Keys.Where(k => k.Channel == channel && (id is null || k.Id == id)))
            Take(key)?.Lose(reason);
    }

    private Listener? Take((RwsClientChannel Channel, ObjectId Id) key)
    {
        if (!_bindings.TryRemove(key, out var found))
            return null;
        key.Channel.Ids.Release(found.Binding.OwnAddressId);
        key.Channel.Ids.Release(found.Binding.Id);
        return found.Listener;
    }
}
