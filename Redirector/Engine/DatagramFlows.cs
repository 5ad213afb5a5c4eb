using FwRedirect.Redirector.Diversion;
using FwRedirect.Redirector.Packets;

namespace FwRedirect.Redirector.Engine;

/// <summary>
/// UDP's part of the engine: a program's socket is an association, each of its peers a flow. The first datagram to a peer asks the firewall, those that come before
/// the answer are kept back; from then on a datagram is translated as any packet of a flow. All members but <see cref="TryPass"/> are called under the gate.
/// </summary>
internal sealed class DatagramFlows(FlowTable table, IDestinationRules rules)
{
    private const ushort DnsPort = 53;

    private readonly Dictionary<PacketEndpoint, DatagramAssociation> _associations = [];
    private readonly InsideEndpoints _insides = new();
    private readonly HeldSpace _held = new();
    private readonly List<Flow> _expired = [];
    private readonly List<DatagramAssociation> _idle = [];

    public IReadOnlyCollection<DatagramAssociation> Associations => _associations.Values;

    /// <summary>Flows of all associations.</summary>
    public int Count { get; private set; }

    /// <summary>Datagrams that wait for the firewall's answer.</summary>
    public int Held => _held.Datagrams;

    /// <summary>Datagrams dropped because they found no room to wait in.</summary>
    public long Overflows => _held.Refused;

    /// <summary>
    /// A datagram that belongs to no flow, on any thread and without the gate: true where that decides it. Questions for names have a journey of
    /// their own. What still comes from an inside endpoint whose flow is over is for nobody: the program would take it for a stranger's.
    /// </summary>
    public bool TryPass(in PacketView view, PacketDirection direction, out PacketVerdict verdict)
    {
        verdict = PacketVerdict.Pass;
        if (direction == PacketDirection.Outbound)
            return view.Destination.Port == DnsPort || rules.IsLocal(view.Destination);
        if (_insides.Contains(view.Source))
            verdict = PacketVerdict.Drop;
        return true;
    }

    /// <summary>A datagram that is not translated: of no flow yet, or of one that waits, was refused, or goes direct.</summary>
    public PacketVerdict Decide(FlowHalf? half, ReadOnlySpan<byte> packet, in PacketView view, in DivertAddress address, long now, List<EngineAction> actions)
    {
        if (half is null)
            return Open(packet, view, address, now, actions);
        if (half.Direction == PacketDirection.Inbound)
            return PacketVerdict.Drop;
        var flow = half.Flow;
        switch (flow.Decided)
        {
            case FlowState.Pending:
                return flow.HeldDatagrams!.Add(packet, address, actions);
            case FlowState.Direct:
                return GoDirect(half, view, address, now, actions);
            case FlowState.Refused:
                RefuseAgain(flow, packet, address, now, actions);
                return PacketVerdict.Drop;
            default:
                return PacketVerdict.Drop;
        }
    }

    /// <summary>The association of a socket, which it gets here where it has none.</summary>
    public DatagramAssociation Associate(PacketEndpoint client, long now, List<EngineAction> actions)
    {
        if (_associations.TryGetValue(client, out var association))
            return association;
        if (_associations.Count >= FlowLimits.MostAssociations)
            End(_associations.Values.MinBy(one => (one.IsKept, LastUsed(one)))!, FlowEnd.Evicted, actions);
        _associations.Add(client, association = new DatagramAssociation(client, now));
        return association;
    }

    /// <summary>The firewall has a mapping for the peer, at <paramref name="inside"/>: what was kept back goes there, in order, and all that comes later.</summary>
    /// <returns>False where the flow does not wait any more or can not be told from another program's (<see cref="FlowEnd.SourceInUse"/>): the caller should close it at the firewall.</returns>
    public bool Mapped(Flow flow, PacketEndpoint inside, PacketEndpoint seenAs, long now, List<EngineAction> actions)
    {
        if (flow.Decided is not (FlowState.Pending or FlowState.Direct) || flow.Peer.IsIPv4 != inside.IsIPv4 || flow.Peer.IsIPv4 != seenAs.IsIPv4)
            return false;
        if (table.IsTaken(flow, inside, seenAs))
        {
            Refused(flow, FlowRefusal.HostUnreachable, FlowEnd.SourceInUse, now, actions);
            return false;
        }
        Bind(flow, inside, seenAs, now, actions);
        while (flow.HeldDatagrams!.TryTake(out var held))
        {
            var address = held!.Address;
            FlowTranslation.Apply(flow.Outbound, held.Bytes, new PacketView(held.Bytes), ref address, now);
            actions.Add(EngineAction.SendPacket(held.Bytes, address));
        }
        // Only behind those: a datagram that comes now waits at the gate until they have left.
        actions.Add(EngineAction.OpenFlow(flow));
        return true;
    }

    /// <summary>
    /// The firewall has a mapping for a peer that nobody here has asked for, or not yet heard of: from <paramref name="inside"/>, the peer's datagrams will come.
    /// </summary>
    /// <returns>Null where it can not be told from another program's flow: the caller should close it at the firewall.</returns>
    public Flow? Announce(DatagramAssociation association, PacketEndpoint inside, PacketEndpoint peer, PacketEndpoint seenAs, long now, List<EngineAction> actions)
    {
        if (association.End != FlowEnd.None)
            return null;
        if (table.TryFind(new FlowKey(PacketDirection.Outbound, IpProtocol.Udp, association.Client, peer), out var half))
        {
            var known = half.Flow;
            if (known.Decided is FlowState.Pending or FlowState.Direct)
                return Mapped(known, inside, seenAs, now, actions) ? known : null;
            if (known.Decided == FlowState.Opening && known.Inside == inside)
                return known;
            End(known, FlowEnd.Replaced, now, actions);
        }
        MakeRoom(association, now, actions);
        var flow = new Flow(IpProtocol.Udp, association.Client, peer, now) { Association = association, IsMapping = true, HeldDatagrams = new HeldDatagrams(_held) };
        if (table.IsTaken(flow, inside, seenAs))
            return null;
        Add(flow);
        Bind(flow, inside, seenAs, now, actions);
        flow.Open();
        return flow;
    }

    /// <summary>There will be no mapping: the program is told, now and, not more often than it makes sense, for what it sends in the next seconds.</summary>
    public static void Refused(Flow flow, FlowRefusal refusal, FlowEnd end, long now, List<EngineAction> actions)
    {
        if (flow.Decided is not (FlowState.Pending or FlowState.Direct))
            return;
        flow.Enter(FlowState.Refused);
        flow.Refusal = refusal;
        flow.ExpiresAt = now + FlowLimits.DatagramRefusalCache;
        if (flow.HeldDatagrams!.TryPeek(out var first))
            Tell(flow, first!.Bytes, first.Address, now, actions);
        flow.HeldDatagrams.DropAll(actions);
        if (flow.TryEnd(end))
            actions.Add(EngineAction.FlowEnded(flow));
    }

    /// <summary>What was kept back goes on as it came, and so does what comes later; after <see cref="FlowLimits.Direct"/> the firewall is asked again.</summary>
    public static void PassUnchanged(Flow flow, long now, List<EngineAction> actions)
    {
        if (flow.Decided is not (FlowState.Pending or FlowState.Direct))
            return;
        flow.Enter(FlowState.Direct);
        flow.ExpiresAt = now + FlowLimits.Direct;
        while (flow.HeldDatagrams!.TryTake(out var held))
            actions.Add(EngineAction.SendPacket(held!.Bytes, held.Address));
    }

    /// <summary>The network outside, or the firewall, answered a datagram of this flow with an error: the program's socket hears of it. The flow lives on (RFC 4787, REQ-12).</summary>
    public static void Failed(Flow flow, FlowRefusal reason, List<EngineAction> actions)
    {
        // The datagram itself is long gone. A stack looks at the addresses and ports of the quote only (RFC 1122, 3.2.2).
        var quote = UdpDatagram.Build(flow.Client, flow.Peer, []);
        if (FlowAnswer.Refuse(quote, FlowAnswer.Toward(flow, PacketDirection.Outbound), reason) is { } answer)
            actions.Add(answer);
    }

    /// <summary>Ends one peer; the next datagram to it asks the firewall anew.</summary>
    public void End(Flow flow, FlowEnd end, long now, List<EngineAction> actions)
    {
        if (flow.Decided == FlowState.Forgotten)
            return;
        Forget(flow, now, actions);
        if (flow.TryEnd(end))
            actions.Add(EngineAction.FlowEnded(flow));
    }

    /// <summary>Ends a socket with all its peers. Reported once for all of them; the peers stay to be read in <see cref="DatagramAssociation.Peers"/>.</summary>
    public void End(DatagramAssociation association, FlowEnd end, List<EngineAction> actions)
    {
        if (association.End != FlowEnd.None)
            return;
        association.End = end;
        _associations.Remove(association.Client);
        foreach (var flow in association.Peers)
        {
            Withdraw(flow, actions);
            flow.TryEnd(end);
        }
        actions.Add(EngineAction.AssociationEnded(association));
    }

    /// <summary>Forgets what is past its time; about once a second.</summary>
    public void Tick(long now, List<EngineAction> actions)
    {
        foreach (var association in _associations.Values)
        {
            foreach (var flow in association.Peers)
            {
                if (FlowExpiry.IsOver(flow, now))
                    _expired.Add(flow);
            }
            if (association is { IsKept: false, Peers.Count: 0 } && now - association.EmptySince >= FlowLimits.AssociationIdle)
                _idle.Add(association);
        }
        foreach (var flow in _expired)
            End(flow, FlowExpiry.ReasonOf(flow), now, actions);
        foreach (var association in _idle)
            End(association, FlowEnd.Idle, actions);
        _expired.Clear();
        _idle.Clear();
        _insides.Forget(now);
    }

    private PacketVerdict Open(ReadOnlySpan<byte> packet, in PacketView view, in DivertAddress address, long now, List<EngineAction> actions)
    {
        var association = Associate(view.Source, now, actions);
        MakeRoom(association, now, actions);
        var flow = new Flow(IpProtocol.Udp, view.Source, view.Destination, now) { Association = association, HeldDatagrams = new HeldDatagrams(_held) };
        Add(flow);
        var verdict = flow.HeldDatagrams.Add(packet, address, actions);
        flow.Outbound.See(address);
        actions.Add(EngineAction.RequestConnect(flow));
        return verdict;
    }

    private static PacketVerdict GoDirect(FlowHalf half, in PacketView view, in DivertAddress address, long now, List<EngineAction> actions)
    {
        half.Count(view.Length, address, now);
        if (now >= half.Flow.ExpiresAt)
        {
            half.Flow.ExpiresAt = now + FlowLimits.Direct;
            actions.Add(EngineAction.RequestConnect(half.Flow));
        }
        return PacketVerdict.Pass;
    }

    private static void RefuseAgain(Flow flow, ReadOnlySpan<byte> packet, in DivertAddress address, long now, List<EngineAction> actions)
    {
        if (now - flow.ToldAt >= FlowLimits.RefusalInterval)
            Tell(flow, packet, address, now, actions);
    }

    private static void Tell(Flow flow, ReadOnlySpan<byte> packet, in DivertAddress address, long now, List<EngineAction> actions)
    {
        flow.ToldAt = now;
        if (FlowAnswer.Refuse(packet, address, flow.Refusal) is { } answer)
            actions.Add(answer);
    }

    private void Bind(Flow flow, PacketEndpoint inside, PacketEndpoint seenAs, long now, List<EngineAction> actions)
    {
        flow.Bind(inside, seenAs);
        if (table.TryFind(flow.Inbound.Key, out var old) && old.Flow != flow)
            End(old.Flow, FlowEnd.Replaced, now, actions);
        _insides.Note(inside, now);
        table.AddKey(flow.Inbound);
        flow.Enter(FlowState.Opening, translates: false);
    }

    private void Add(Flow flow)
    {
        flow.Association!.Add(flow);
        table.AddKey(flow.Outbound);
        Count++;
    }

    /// <summary>A new flow costs the one that was not used for longest its place.</summary>
    private void MakeRoom(DatagramAssociation association, long now, List<EngineAction> actions)
    {
        var candidates = association.Peers.Count >= FlowLimits.MostPeers ? association.Peers
            : Count >= FlowLimits.MostDatagramFlows ? _associations.Values.SelectMany(a => a.Peers)
            : null;
        if (candidates?.MinBy(flow => flow.LastActive) is { } oldest)
            End(oldest, FlowEnd.Evicted, now, actions);
    }

    private static long LastUsed(DatagramAssociation association) =>
        association.Peers.Count == 0 ? association.EmptySince : association.Peers.Max(flow => flow.LastActive);

    private void Forget(Flow flow, long now, List<EngineAction> actions)
    {
        Withdraw(flow, actions);
        var association = flow.Association!;
        association.Remove(flow, now);
        if (flow.Inside != default)
            _insides.Note(flow.Inside, now);
        if (association is { IsKept: false, Peers.Count: 0, Owner: null })
            End(association, FlowEnd.Idle, actions);
    }

    private void Withdraw(Flow flow, List<EngineAction> actions)
    {
        flow.HeldDatagrams!.DropAll(actions);
        flow.Enter(FlowState.Forgotten);
        table.Remove(flow);
        Count--;
    }
}
