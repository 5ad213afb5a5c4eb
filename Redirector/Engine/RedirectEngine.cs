using System.Collections.Concurrent;
using FwRedirect.Redirector.Diversion;
using FwRedirect.Redirector.Packets;

namespace FwRedirect.Redirector.Engine;

/// <summary>
/// Decides what becomes of each diverted packet and keeps the flows. Pure: packets, answers and time (milliseconds, monotonic) go in, verdicts and actions come out.
/// <para><see cref="TryTranslate"/> may be called from one thread per direction at any time and takes no lock. All other members share one gate that the
/// caller holds; the actions that they add are to be carried out in their order, those of one call before those of the next.</para>
/// </summary>
internal sealed class RedirectEngine
{
    private readonly IDestinationRules _rules;
    private readonly FlowTable _table = new();
    private readonly ConcurrentQueue<Flow> _over = new();
    private readonly List<Flow> _expired = [];
    private long _makeRoomAt;
    private long _fragments;

    public RedirectEngine(IDestinationRules rules)
    {
        _rules = rules;
        Datagrams = new DatagramFlows(_table, rules);
    }

    /// <summary>UDP; under the gate.</summary>
    public DatagramFlows Datagrams { get; }

    /// <summary>All flows of TCP, from pending to lingering; under the gate.</summary>
    public IReadOnlyCollection<Flow> Flows => _table.Flows;

    /// <summary>Keys in the flow table; 0 when all flows are forgotten.</summary>
    public int Entries => _table.Entries;

    /// <summary>Ended flows that wait for late packets; under the gate. They are among <see cref="Flows"/> and hold nothing at the firewall.</summary>
    public int Lingering => _table.Flows.Count(f => f.State == FlowState.Over);

    /// <summary>Flows whose SYN is held.</summary>
    public int Pending { get; private set; }

    /// <summary>SYNs dropped because a limit of <see cref="FlowLimits"/> was reached.</summary>
    public long Overflows { get; private set; }

    /// <summary>Pieces of packets to what is not local, dropped.</summary>
    public long Fragments => Interlocked.Read(ref _fragments);

    /// <summary>The flow that a packet belongs to; null where there is none. Takes no lock.</summary>
    /// <summary>The flow of a program's socket.</summary>
    public Flow? Find(byte protocol, PacketEndpoint client, PacketEndpoint peer) =>
        _table.TryFind(new FlowKey(PacketDirection.Outbound, protocol, client, peer), out var half) ? half.Flow : null;

    public Flow? Find(in PacketView packet, PacketDirection direction) =>
        packet.Protocol is IpProtocol.Tcp or IpProtocol.Udp && _table.TryFind(FlowKey.Of(packet, direction), out var half) ? half.Flow : null;

    /// <summary>
    /// The fast path: one look-up, one rewrite in place. False where <see cref="Decide"/> has to be asked, with the same packet and address, unchanged.
    /// </summary>
    public bool TryTranslate(Span<byte> packet, ref DivertAddress address, long now, out PacketVerdict verdict)
    {
        verdict = PacketVerdict.Pass;
        var view = new PacketView(packet);
        if (view.Protocol is not (IpProtocol.Tcp or IpProtocol.Udp))
        {
            // The pieces of a packet that would be redirected must not slip by one by one.
            if (address.Direction == PacketDirection.Outbound && Fragment.IsOne(packet) && !_rules.IsLocal(Fragment.Destination(packet)))
            {
                verdict = PacketVerdict.Drop;
                Interlocked.Increment(ref _fragments);
            }
            return !IcmpError.Is(view);
        }
        if (!_table.TryFind(FlowKey.Of(view, address.Direction), out var half))
        {
            return view.Protocol == IpProtocol.Udp
                ? Datagrams.TryPass(view, address.Direction, out verdict)
                : address.Direction == PacketDirection.Inbound || !ConnectAttempt.Is(view);
        }
        if (!half.Flow.Translates || ConnectAttempt.IsNew(half, view))
            return false;
        Translate(half, packet, view, ref address, now);
        verdict = PacketVerdict.Rewritten;
        return true;
    }

    /// <summary>The slow path, for a packet that <see cref="TryTranslate"/> gave back.</summary>
    public PacketVerdict Decide(Span<byte> packet, ref DivertAddress address, long now, List<EngineAction> actions)
    {
        ReportEnded(actions);
        // An answer may have come since the packet was given back.
        if (TryTranslate(packet, ref address, now, out var verdict))
            return verdict;
        var view = new PacketView(packet);
        if (view.Protocol is not (IpProtocol.Tcp or IpProtocol.Udp))
            return IcmpError.TryTranslate(packet, view, _table, ref address) ? PacketVerdict.Rewritten : PacketVerdict.Pass;
        var isKnown = _table.TryFind(FlowKey.Of(view, address.Direction), out var half);
        if (view.Protocol == IpProtocol.Udp)
            return Datagrams.Decide(half, packet, view, address, now, actions);
        if (!isKnown)
            return Open(packet, view, address, now, actions);
        var flow = half!.Flow;
        if (address.Direction == PacketDirection.Outbound && ConnectAttempt.IsNew(half, view))
        {
            Replace(flow, actions);
            return Open(packet, view, address, now, actions);
        }
        return flow.Decided switch
        {
            FlowState.Refused => RepeatRefusal(flow, packet, view, address, now, actions),
            FlowState.Aborted => ResetAgain(view, address, actions),
            _ => Repeat(flow, view),
        };
    }

    /// <summary>
    /// The firewall has connected and listens on <paramref name="inside"/> for <paramref name="seenAs"/>, which is the flow's client or stands for it: from here
    /// its packets are translated, and the held SYN goes out.
    /// </summary>
    /// <returns>
    /// False where the flow does not wait any more, an endpoint is of the wrong family, or another program's flow has these two endpoints (the SYN is refused
    /// then, <see cref="FlowEnd.SourceInUse"/>): the caller should close it at the firewall.
    /// </returns>
    public bool Connected(Flow flow, PacketEndpoint inside, PacketEndpoint seenAs, long now, List<EngineAction> actions)
    {
        if (flow.Decided != FlowState.Pending || flow.Held is not { } held || flow.Peer.IsIPv4 != inside.IsIPv4 || flow.Peer.IsIPv4 != seenAs.IsIPv4)
            return false;
        if (_table.IsTaken(flow, inside, seenAs))
        {
            Refuse(flow, FlowRefusal.HostUnreachable, FlowEnd.SourceInUse, now, actions);
            return false;
        }
        flow.Bind(inside, seenAs);
        Evict(flow.Inbound.Key, flow, actions);
        var address = held.Address;
        Translate(flow.Outbound, held.Bytes, new PacketView(held.Bytes), ref address, now);
        LeavePending(flow, FlowState.Opening);
        _table.Add(flow.Inbound);
        actions.Add(EngineAction.SendPacket(held.Bytes, address));
        return true;
    }

    /// <summary>There will be no connection: the held SYN is dropped and the program told so, now and for each repetition of that SYN.</summary>
    public void Refused(Flow flow, FlowRefusal refusal, long now, List<EngineAction> actions) =>
        Refuse(flow, refusal, FlowEnd.Refused, now, actions);

    /// <summary>The held SYN goes on as it came, and the flow is none of ours.</summary>
    public void PassUnchanged(Flow flow, List<EngineAction> actions)
    {
        if (flow.Decided != FlowState.Pending || flow.Held is not { } held)
            return;
        LeavePending(flow, FlowState.Forgotten);
        actions.Add(EngineAction.SendPacket(held.Bytes, held.Address));
        End(flow, FlowEnd.Direct, actions);
        _table.Remove(flow);
    }

    /// <summary>
    /// The firewall will connect from <paramref name="inside"/> to <paramref name="seenAs"/>: that is the program at <paramref name="client"/>, or stands for it.
    /// The program shall see <paramref name="peer"/>.
    /// </summary>
    /// <returns>Null where another program's flow has these two endpoints: the caller should close it at the firewall.</returns>
    /// <exception cref="ArgumentException">The endpoints are not of one address family.</exception>
    public Flow? AddMapping(
        byte protocol, PacketEndpoint inside, PacketEndpoint peer, PacketEndpoint client, PacketEndpoint seenAs, object? owner, long now,
        List<EngineAction> actions)
    {
        var flow = new Flow(protocol, client, peer, now) { IsMapping = true, Owner = owner };
        if (_table.IsTaken(flow, inside, seenAs))
            return null;
        flow.Bind(inside, seenAs);
        Evict(flow.Outbound.Key, flow, actions);
        Evict(flow.Inbound.Key, flow, actions);
        flow.Enter(FlowState.Opening);
        _table.Add(flow.Outbound);
        _table.Add(flow.Inbound);
        return flow;
    }

    /// <summary>
    /// Cuts a flow from our side: RST to the program and to the firewall, and for a while to whatever still comes. A flow that the diverter carries has to be
    /// taken back from it before.
    /// </summary>
    public void Abort(Flow flow, long now, List<EngineAction> actions)
    {
        if (flow.Decided == FlowState.Pending)
            Refuse(flow, FlowRefusal.Reset, FlowEnd.Aborted, now, actions);
        if (flow.Decided != FlowState.Opening || flow.End != FlowEnd.None)
            return;
        var nothingToCut = flow.Protocol != IpProtocol.Tcp || (flow.State == FlowState.Announced && !flow.CarriedElsewhere);
        End(flow, FlowEnd.Aborted, actions);
        if (nothingToCut)
        {
            Forget(flow);
            return;
        }
        flow.Enter(FlowState.Aborted);
        flow.ExpiresAt = now + FlowLimits.AbortLinger;
        FlowAnswer.Cut(flow, actions);
    }

    /// <summary>Somebody who sees more than packets says that the flow is over: its socket was closed, or the kernel's NAT has seen its end.</summary>
    public void EndedOutside(Flow flow, List<EngineAction> actions)
    {
        if (flow.Decided == FlowState.Pending)
            DropHeld(flow, actions);
        else if (flow.Decided != FlowState.Opening)
            return;
        End(flow, FlowEnd.Outside, actions);
    }

    /// <summary>Reports what has ended and forgets what is past its time; about once a second.</summary>
    public void Tick(long now, List<EngineAction> actions)
    {
        ReportEnded(actions);
        Datagrams.Tick(now, actions);
        foreach (var flow in _table.Flows)
        {
            if (FlowExpiry.IsOver(flow, now))
                _expired.Add(flow);
        }
        foreach (var flow in _expired)
        {
            var reason = FlowExpiry.ReasonOf(flow);
            if (flow.Decided == FlowState.Pending)
                DropHeld(flow, actions);
            End(flow, reason, actions);
            Forget(flow);
        }
        _expired.Clear();
    }

    private void Translate(FlowHalf half, Span<byte> packet, in PacketView view, ref DivertAddress address, long now)
    {
        FlowTranslation.Apply(half, packet, view, ref address, now);
        if (view.Protocol == IpProtocol.Tcp && FlowLifecycle.Advance(half, view))
            _over.Enqueue(half.Flow);
    }

    private PacketVerdict Open(ReadOnlySpan<byte> packet, in PacketView view, in DivertAddress address, long now, List<EngineAction> actions)
    {
        var destination = view.Destination;
        if (_rules.IsLocal(destination))
            return PacketVerdict.Pass;
        if (Pending >= FlowLimits.MostPending || (_table.Flows.Count >= FlowLimits.MostFlows && !MakeRoom(now)))
        {
            Overflows++;
            return PacketVerdict.Drop;
        }
        var flow = new Flow(view.Protocol, view.Source, destination, now) { Held = new HeldPacket(packet.ToArray(), address) };
        flow.Outbound.InitialSequence = view.Sequence;
        flow.Outbound.Synchronized = true;
        Pending++;
        _table.Add(flow.Outbound);
        actions.Add(EngineAction.RequestConnect(flow));
        return PacketVerdict.Hold;
    }

    /// <summary>The table is full: of the flows that have ended, all but the last seconds' are forgotten early.</summary>
    private bool MakeRoom(long now)
    {
        if (now < _makeRoomAt)
            return false;
        _makeRoomAt = now + FlowLimits.MakeRoomInterval;
        foreach (var flow in _table.Flows.Where(f => FlowExpiry.GivesWay(f, now)).ToArray())
            Forget(flow);
        return _table.Flows.Count < FlowLimits.MostFlows;
    }

    private static PacketVerdict Repeat(Flow flow, in PacketView view)
    {
        if (ConnectAttempt.Is(view))
            flow.SynRepeats++;
        return PacketVerdict.Drop;
    }

    private static PacketVerdict RepeatRefusal(
        Flow flow, ReadOnlySpan<byte> packet, in PacketView view, in DivertAddress address, long now, List<EngineAction> actions)
    {
        if (ConnectAttempt.Is(view))
        {
            flow.SynRepeats++;
            flow.ExpiresAt = now + FlowLimits.RefusalCache;
            if (FlowAnswer.Refuse(packet, address, flow.Refusal) is { } answer)
                actions.Add(answer);
        }
        return PacketVerdict.Drop;
    }

    private static PacketVerdict ResetAgain(in PacketView view, in DivertAddress address, List<EngineAction> actions)
    {
        // A reset is never answered by a reset (RFC 9293, 3.10.7.1).
        if ((view.Flags & TcpFlags.Rst) == 0)
            actions.Add(FlowAnswer.Reset(view, address));
        return PacketVerdict.Drop;
    }

    private void Refuse(Flow flow, FlowRefusal refusal, FlowEnd end, long now, List<EngineAction> actions)
    {
        if (flow.Decided != FlowState.Pending || flow.Held is not { } held)
            return;
        LeavePending(flow, FlowState.Refused);
        flow.Refusal = refusal;
        flow.ExpiresAt = now + FlowLimits.RefusalCache;
        actions.Add(EngineAction.DropPacket(held.Address));
        if (FlowAnswer.Refuse(held.Bytes, held.Address, refusal) is { } answer)
            actions.Add(answer);
        End(flow, end, actions);
    }

    /// <summary>Makes room for a new flow where an old one has its key.</summary>
    private void Evict(in FlowKey key, Flow forFlow, List<EngineAction> actions)
    {
        if (_table.TryFind(key, out var half) && half.Flow != forFlow)
            Replace(half.Flow, actions);
    }

    private void Replace(Flow flow, List<EngineAction> actions)
    {
        if (flow.Decided == FlowState.Pending)
            DropHeld(flow, actions);
        End(flow, FlowEnd.Replaced, actions);
        Forget(flow);
    }

    private void DropHeld(Flow flow, List<EngineAction> actions)
    {
        if (flow.Held is { } held)
            actions.Add(EngineAction.DropPacket(held.Address));
        LeavePending(flow, FlowState.Forgotten);
        _table.Remove(flow);
    }

    private void LeavePending(Flow flow, FlowState next)
    {
        Pending--;
        flow.Held = null;
        flow.Enter(next);
    }

    private void Forget(Flow flow)
    {
        flow.Enter(FlowState.Forgotten);
        _table.Remove(flow);
    }

    private static void End(Flow flow, FlowEnd reason, List<EngineAction> actions)
    {
        if (flow.TryEnd(reason))
            actions.Add(EngineAction.FlowEnded(flow));
    }

    private void ReportEnded(List<EngineAction> actions)
    {
        while (_over.TryDequeue(out var flow))
            actions.Add(EngineAction.FlowEnded(flow));
    }
}
