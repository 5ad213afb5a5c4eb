using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using FwRedirect.ControlChannel.Client;
using FwRedirect.ControlChannel.Messages;
using FwRedirect.Redirector.Engine;

namespace FwRedirect.Redirector.Journeys;

/// <summary>The UDP sockets and peers of this machine by the names that they have at the firewall. Thread-safe.</summary>
internal sealed class DatagramObjects
{
    private readonly ConcurrentDictionary<(RwsClientChannel Channel, ObjectId Id, uint FirewallMapping), Flow> _flows = new();
    private readonly ConcurrentDictionary<(RwsClientChannel Channel, ObjectId Id), DatagramAssociation> _sockets = new();
    private readonly ConcurrentDictionary<DatagramAssociation, DatagramOwner> _owners = new();

    public void Add(DatagramAssociation association, DatagramOwner owner)
    {
        _owners[association] = owner;
        _sockets[(owner.Channel.Rws, owner.Id)] = association;
    }

    public void Add(RwsClientChannel channel, ObjectId id, uint firewallMapping, Flow flow) => _flows[(channel, id, firewallMapping)] = flow;

    public Flow? Flow(RwsClientChannel channel, ObjectId id, uint firewallMapping) => _flows.GetValueOrDefault((channel, id, firewallMapping));

    public bool TryFind(
        RwsClientChannel channel, ObjectId id, [MaybeNullWhen(false)] out DatagramAssociation association, [MaybeNullWhen(false)] out DatagramOwner owner)
    {
        owner = null;
        return _sockets.TryGetValue((channel, id), out association) && _owners.TryGetValue(association, out owner);
    }

    public DatagramAssociation[] Sockets(RwsClientChannel channel) => [.. _sockets.Where(s => s.Key.Channel == channel).Select(s => s.Value)];

    /// <summary>For the one caller that ends it; null for every other.</summary>
    public DatagramOwner? Remove(DatagramAssociation association)
    {
        if (!_owners.TryRemove(association, out var owner))
            return null;
        _sockets.TryRemove((owner.Channel.Rws, owner.Id), out _);
        return owner;
    }

    /// <summary>The same, where this is still its owner.</summary>
    public bool Remove(DatagramAssociation association, DatagramOwner owner)
    {
        if (!_owners.TryRemove(KeyValuePair.Create(association, owner)))
            return false;
        _sockets.TryRemove((owner.Channel.Rws, owner.Id), out _);
        return true;
    }

    public void Remove(RwsClientChannel channel, ObjectId id, uint firewallMapping) => _flows.TryRemove((channel, id, firewallMapping), out _);
}
