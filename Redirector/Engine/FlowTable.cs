using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using FwRedirect.Redirector.Packets;

namespace FwRedirect.Redirector.Engine;

/// <summary>All flows by how their packets look. Finding is lock-free and for any thread; everything else is for the caller that holds the gate.</summary>
internal sealed class FlowTable
{
    private readonly ConcurrentDictionary<FlowKey, FlowHalf> _halves = new(concurrencyLevel: 2, capacity: 1024);
    private readonly HashSet<Flow> _flows = [];

    /// <summary>Flows, lingering ones included; those of UDP are kept by their associations.</summary>
    public IReadOnlyCollection<Flow> Flows => _flows;

    /// <summary>Keys that packets are compared with: two a bound flow, one a pending or refused one.</summary>
    public int Entries => _halves.Count;

    public bool TryFind(in FlowKey key, [MaybeNullWhen(false)] out FlowHalf half) => _halves.TryGetValue(key, out half);

    /// <summary>
    /// True where a living flow of another endpoint of this machine already looks so to the firewall: two programs with one port, each at an address of its own,
    /// both seen as the same. The answers could not be told apart. (The same endpoint again is the same socket's place: there the old flow has ended unseen.)
    /// </summary>
    public bool IsTaken(Flow flow, PacketEndpoint inside, PacketEndpoint seenAs) =>
        TryFind(new FlowKey(PacketDirection.Inbound, flow.Protocol, inside, seenAs), out var half)
        && half.Flow.Client != flow.Client && half.Flow.End == FlowEnd.None;

    public void Add(FlowHalf half)
    {
        _halves[half.Key] = half;
        _flows.Add(half.Flow);
    }

    /// <summary>Of a flow that is kept by whoever adds it.</summary>
    public void AddKey(FlowHalf half) => _halves[half.Key] = half;

    public void Remove(Flow flow)
    {
        // Only where the key is still this flow's: a new flow may have taken it.
        _halves.TryRemove(new KeyValuePair<FlowKey, FlowHalf>(flow.Outbound.Key, flow.Outbound));
        _halves.TryRemove(new KeyValuePair<FlowKey, FlowHalf>(flow.Inbound.Key, flow.Inbound));
        _flows.Remove(flow);
    }
}
