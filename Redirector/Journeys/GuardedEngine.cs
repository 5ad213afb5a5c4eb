using FwRedirect.ControlChannel.Session;
using FwRedirect.ControlChannel.Status;
using FwRedirect.Redirector.Diversion;
using FwRedirect.Redirector.Engine;
using FwRedirect.Redirector.Packets;

namespace FwRedirect.Redirector.Journeys;

/// <summary>
/// The engine behind its one gate. Packets that the engine makes or releases leave while the gate is held, so that their order holds; everything that may wait
/// (a request to the firewall, the word that a flow ended) is handed on and happens outside. Whoever holds the gate calls no control channel.
/// </summary>
internal sealed class GuardedEngine(RedirectEngine engine, IPacketDiverter diverter, TimeProvider time) : ICounted
{
    /// <summary>One for each direction.</summary>
    private const int EntriesOfFlow = 2;

    private readonly Lock _gate = new();
    private readonly List<EngineAction> _actions = [];
    private readonly long[] _ended = new long[Enum.GetValues<FlowEnd>().Length];
    private long _requested;

    /// <summary>Called for each new connection that needs the firewall; must not block.</summary>
    public Action<Flow>? ConnectRequested { get; set; }

    /// <summary>Called once for each connection's end; must not block.</summary>
    public Action<Flow>? Ended { get; set; }

    /// <summary>Called for each new UDP peer that needs the firewall, and now and then for one that goes direct; must not block.</summary>
    public Action<Flow>? MappingRequested { get; set; }

    /// <summary>Called once for each UDP peer's end but where its socket ends; must not block.</summary>
    public Action<Flow>? MappingEnded { get; set; }

    /// <summary>Called once for each UDP socket's end; must not block.</summary>
    public Action<DatagramAssociation>? AssociationEnded { get; set; }

    /// <summary>Milliseconds of the steady clock, as the engine takes them.</summary>
    public long Now => time.Milliseconds();

    /// <summary>The flow that a packet of the program belongs to; takes no lock.</summary>
    public Flow? Find(in PacketView packet) => engine.Find(packet, PacketDirection.Outbound);

    /// <summary>Decides on one packet: without the gate where the flow is known.</summary>
    public PacketVerdict Take(Span<byte> packet, ref DivertAddress address, long now)
    {
        if (engine.TryTranslate(packet, ref address, now, out var verdict))
            return verdict;

        lock (_gate)
        {
            verdict = engine.Decide(packet, ref address, now, _actions);
            Carry();
            return verdict;
        }
    }

    /// <summary>All flows as they are now, from pending to lingering.</summary>
    public Flow[] Flows()
    {
        lock (_gate)
            return [.. engine.Flows, .. engine.Datagrams.Associations.SelectMany(association => association.Peers)];
    }

    public void Count(StatusCounters counters)
    {
        Flow[] flows;
        long[] ended;
        lock (_gate)
        {
            flows = [.. engine.Flows];
            ended = [.. _ended];
            // What has ended holds nothing; it is kept for late packets (RFC 5382, REQ-5), and gives way when the table is full.
            var timeWait = EntriesOfFlow * engine.Lingering;
            counters.Add("nat", "entries", engine.Entries - timeWait);
            counters.Add("nat", "timeWait", timeWait);
            counters.Add("packets", "heldSyns", engine.Pending);
            counters.Add("packets", "everDroppedAtLimit", engine.Overflows);
            counters.Add("packets", "everDroppedFragments", engine.Fragments);
            counters.Add("flows", "everRequested", _requested);
            counters.Add("datagrams", "sockets", engine.Datagrams.Associations.Count);
            counters.Add("datagrams", "peers", engine.Datagrams.Count);
            counters.Add("datagrams", "held", engine.Datagrams.Held);
            counters.Add("datagrams", "everDroppedAtLimit", engine.Datagrams.Overflows);
        }

        // Without the gate: a state that moves meanwhile is as true as the one before.
        var states = flows.CountBy(flow => flow.State).ToDictionary();
        foreach (var state in Enum.GetValues<FlowState>().Where(state => state != FlowState.Forgotten))
            counters.Add("flows", "", state, states.GetValueOrDefault(state));
        counters.Add("flows", "mappings", flows.Count(flow => flow.IsMapping && flow.End == FlowEnd.None));
        foreach (var end in Enum.GetValues<FlowEnd>().Where(end => end != FlowEnd.None))
            counters.Add("flows", "everEnded", end, ended[(int)end]);
    }

    /// <summary>Anything else that is done to the engine.</summary>
    public T Enter<T>(Func<RedirectEngine, List<EngineAction>, T> work)
    {
        lock (_gate)
        {
            var result = work(engine, _actions);
            Carry();
            return result;
        }
    }

    /// <summary>Anything else that is done to the engine.</summary>
    public void Enter(Action<RedirectEngine, List<EngineAction>> work) => Enter((e, actions) =>
    {
        work(e, actions);
        return true;
    });

    private void Carry()
    {
        try
        {
            foreach (var action in _actions)
                Carry(action);
        }
        finally
        {
            // Also where a packet could not be sent: nothing may be carried out a second time.
            _actions.Clear();
        }
    }

    private void Carry(in EngineAction action)
    {
        switch (action.Kind)
        {
            case EngineActionKind.SendPacket:
                diverter.Send(action.Packet, action.Address);
                break;
            case EngineActionKind.DropPacket:
                diverter.Drop(action.Address);
                break;
            case EngineActionKind.RequestConnect:
                _requested++;
                (action.Flow!.Association is null ? ConnectRequested : MappingRequested)?.Invoke(action.Flow);
                break;
            case EngineActionKind.OpenFlow:
                action.Flow!.Open();
                break;
            case EngineActionKind.FlowEnded:
                _ended[(int)action.Flow!.End]++;
                (action.Flow.Association is null ? Ended : MappingEnded)?.Invoke(action.Flow);
                break;
            case EngineActionKind.AssociationEnded:
                AssociationEnded?.Invoke(action.Association!);
                break;
        }
    }
}
