using System.Collections.Concurrent;
using FwRedirect.ControlChannel.Client;
using FwRedirect.ControlChannel.Messages;
using FwRedirect.ControlChannel.Wire;
using FwRedirect.Redirector.Diversion;
using FwRedirect.Redirector.Engine;
using FwRedirect.Redirector.Firewall;
using FwRedirect.Redirector.Packets;
using FwRedirect.Redirector.Processes;
using FwRedirect.Redirector.Rules;
using Microsoft.Extensions.Logging;

namespace FwRedirect.Redirector.Journeys;

/// <summary>
/// A datagram to a new peer: whose socket is it, Bind for that socket if there is none, Connect for the peer, both at once; the reply opens the flow. Peers that
/// nobody asked for come as New mapping; what the network says of a datagram as Mapping error.
/// </summary>
internal sealed class UdpJourney
{
    private readonly GuardedEngine _engine;
    private readonly IProcessLookup _processes;
    private readonly FirewallChannels _channels;
    private readonly NameJourney _names;
    private readonly FlowRules _rules;
    private readonly UnreachablePolicy _unreachable;
    private readonly TimeProvider _time;
    private readonly ILogger<UdpJourney> _logger;
    private readonly DatagramObjects _objects = new();
    private readonly SocketWatch _sockets = new();
    private readonly ConcurrentDictionary<DatagramAssociation, DatagramListener> _listeners = new();
    private readonly DatagramEnds _ends;
    private readonly DatagramBindings _bindings;

    public UdpJourney(
        GuardedEngine engine, IProcessLookup processes, FirewallChannels channels, NameJourney names, FlowRules rules, UnreachablePolicy unreachable,
        TimeProvider time, ILogger<UdpJourney> logger)
    {
        _engine = engine;
        _processes = processes;
        _channels = channels;
        _names = names;
        _rules = rules;
        _unreachable = unreachable;
        _time = time;
        _logger = logger;
        _ends = new DatagramEnds(_objects, _sockets, logger);
        _bindings = new DatagramBindings(engine, channels, rules, _objects, _ends, logger);
        engine.MappingRequested = flow => _ = Task.Run(() => MapAsync(flow));
        engine.MappingEnded = flow => Queue(() => _ends.Finish(flow));
        engine.AssociationEnded = association => Queue(() => Finish(association));
    }

    /// <summary>A socket event: a closed UDP socket takes its association along, so that the next program with its port does not inherit it.</summary>
    public void Take(in SocketEvent happened)
    {
        if (happened.Protocol != IpProtocol.Udp)
            return;
        if (happened.Kind == SocketEventKind.Bind)
        {
            foreach (var last in _sockets.Bind(happened.Local.Port))
                EndNow(last);
        }
        else if (happened.Kind == SocketEventKind.Close)
        {
            foreach (var association in _sockets.Close(happened.SocketId, happened.Local))
                _ = CloseAsync(association);
        }
    }

    /// <summary>An unknown peer sent to a socket at the firewall. False where the mapping is of no UDP socket.</summary>
    public bool Take(RwsClientChannel channel, NewMapping mapping)
    {
        if (!_objects.TryFind(channel, mapping.Id, out var association, out var socket))
            return false;
        var flow = !mapping.IsOfOneVersion || !mapping.ClientEndpoint.Equals(socket.SeenAs) ? null : _engine.Enter((engine, actions) =>
        {
            var announced = engine.Datagrams.Announce(
                association, PacketEndpoint.From(mapping.Inside), PacketEndpoint.From(mapping.Peer), PacketEndpoint.From(mapping.ClientEndpoint), _engine.Now, actions);
            if (announced is not null)
            {
                if (announced.Why.Length == 0)
                    announced.Why = $"redirected: a UDP socket of {socket.Application} at the firewall";
                PeerOwner.Of(announced, socket).FirewallMapping = mapping.FirewallMapping;
            }

            return announced;
        });
        if (flow is null)
        {
            channel.Notify(new Close($"{mapping.ClientEndpoint} is in use, or is not bound", IsFromFirewall: false) { Id = mapping.Id, FirewallMapping = mapping.FirewallMapping });
            return true;
        }

        _objects.Add(channel, mapping.Id, mapping.FirewallMapping, flow);
        if (_listeners.TryGetValue(association, out var listener))
            listener.Accept();
        JourneyLog.PeerCame(_logger, socket.Application, flow.Client, flow.Peer, flow.Inside);
        channel.Notify(mapping.Received());
        return true;
    }

    /// <summary>The firewall gave a peer or a socket up; the next datagram asks anew. False where it was none of UDP's.</summary>
    public bool Take(RwsClientChannel channel, Close close)
    {
        if (_objects.Flow(channel, close.Id, close.FirewallMapping) is { } flow)
            _engine.Enter((engine, actions) => engine.Datagrams.End(flow, FlowEnd.ByFirewall, _engine.Now, actions));
        else if (close.FirewallMapping == 0 && _objects.TryFind(channel, close.Id, out var association, out _))
            End(association, FlowEnd.ByFirewall);
        else
            return false;
        return true;
    }

    /// <summary>The network outside answered a datagram with an error.</summary>
    public void Take(RwsClientChannel channel, MappingError error)
    {
        if (_objects.Flow(channel, error.Id, error.FirewallMapping) is not { } flow)
            return;
        JourneyLog.PeerFailed(_logger, channel.Application, flow.Peer, error.Error, error.Sentence);
        _engine.Enter((_, actions) => DatagramFlows.Failed(flow, Refusals.For(error.Error), (ushort)(error.PathMtu ?? 0), actions));
    }

    /// <summary>The channel is over: its sockets are bound anew, on another, by what the programs send next.</summary>
    public void Forget(RwsClientChannel channel)
    {
        foreach (var association in _objects.Sockets(channel))
            End(association, FlowEnd.ByFirewall);
    }

    /// <summary>At the stop: everything ends.</summary>
    public void Abort() => _engine.Enter((engine, actions) =>
    {
        foreach (var association in engine.Datagrams.Associations.ToArray())
            engine.Datagrams.End(association, FlowEnd.Aborted, actions);
    });

    /// <summary>A socket that waits for peers: it is bound at the firewall before it has sent anything, and stays.</summary>
    /// <returns>Its object there; null where the firewall carries no UDP.</returns>
    /// <exception cref="ChannelUnavailableException">No firewall can be asked.</exception>
    public async Task<(DatagramAssociation Association, DatagramOwner? Socket)> BindAsync(DatagramListener listener)
    {
        var (local, process) = (listener.Local, listener.Process);
        // Where the firewall sends what comes: a socket on all addresses takes it there.
        var client = local.IsAnyAddress ? PacketEndpoint.From((await _channels.GetAsync(process, listener.Family)).LocalAddress, local.Port) : local;
        var association = _engine.Enter((engine, actions) =>
        {
            var known = engine.Datagrams.Associate(client, _engine.Now, actions);
            known.IsKept = true;
            _listeners[known] = listener;
            return known;
        });
        if (_sockets.Add(process.SocketId, association))
            End(association, FlowEnd.Outside);
        return (association, await _bindings.GetAsync(association, process));
    }

    /// <summary>Nobody waits on the socket any more. What it sent last still goes its way.</summary>
    public void GiveBack(DatagramAssociation association, DatagramListener listener)
    {
        if (_listeners.TryRemove(KeyValuePair.Create(association, listener)))
            _ = CloseAsync(association);
    }

    /// <summary>The firewall has no socket for it.</summary>
    public void Unbind(DatagramAssociation association, DatagramOwner socket) => _bindings.Remove(association, socket);

    /// <summary>Not at once: what the program sent right before may still be on its way through the queue, and would look like a new socket that nobody has; or wait for the firewall's answer.</summary>
    private async Task CloseAsync(DatagramAssociation association)
    {
        var waited = 0L;
        do
        {
            await Task.Delay(TimeSpan.FromMilliseconds(FlowLimits.CloseLinger), _time);
            waited += FlowLimits.CloseLinger;
        }
        while (waited < FlowLimits.LongestClose && _engine.Enter((_, _) => association.Peers.Any(flow => flow.Decided == FlowState.Pending)));
        EndNow(association);
    }

    /// <summary>The Close leaves here, before the next socket with this port can ask for its Bind: or the outside port would still be taken.</summary>
    private void EndNow(DatagramAssociation association)
    {
        End(association, FlowEnd.Outside);
        _ends.Finish(association);
    }

    private void Finish(DatagramAssociation association)
    {
        _ends.Finish(association);
        if (_listeners.TryRemove(association, out var listener))
            listener.Lose(association.End == FlowEnd.ByFirewall ? "the firewall closed it" : $"it ended: {association.End}");
    }

    private void End(DatagramAssociation association, FlowEnd end) => _engine.Enter((engine, actions) => engine.Datagrams.End(association, end, actions));

    private async Task MapAsync(Flow flow)
    {
        try
        {
            var process = await ProcessAsync(flow);
            var destination = flow.Peer.ToIPEndPoint();
            var name = _names.NameOf(process, destination.Address);
            if (!await IsRedirectedAsync(flow, process, name))
                return;
            var socket = await _bindings.GetAsync(flow.Association!, process);
            if (socket is null)
            {
                Refuse(flow, FlowRefusal.NetworkProhibited);
                return;
            }

            var rws = socket.Channel.Rws;
            var id = rws.Ids.Next();
            _objects.Add(rws, id, 0, flow);
            var connecting = rws.RequestAsync(new ConnectRequest(destination, socket.SeenAs, name) { Id = id, Association = new Association(socket.Id) });
            // Its answer comes first. Without a socket the answer to the Connect would tell no more than that there is none.
            var bound = await socket.Bound;
            var reply = await connecting;
            Take(flow, socket, id, bound is ErrorReply ? bound : reply);
        }
        catch (ChannelUnavailableException unavailable)
        {
            Decline(flow, _unreachable.For(unavailable, flow.Peer.Family));
        }
        catch (Exception failure)
        {
            JourneyLog.Failed(_logger, flow, failure);
            Refuse(flow, FlowRefusal.HostUnreachable);
        }
    }

    /// <summary>Whose socket it is: looked up for the first peer, and known from then on.</summary>
    private async Task<ProcessInfo> ProcessAsync(Flow flow)
    {
        var association = flow.Association!;
        if (association.Owner is Task<DatagramOwner?> { IsCompletedSuccessfully: true } known && await known is { } socket)
            return socket.Process;
        var process = await _processes.FindAsync(IpProtocol.Udp, flow.Client, flow.Peer) ?? ProcessInfo.Unknown;
        if (_sockets.Add(process.SocketId, association))
            _ = CloseAsync(association);
        return process;
    }

    /// <summary>Asks the rules; where they say something else than "through the firewall", the flow has got what they say.</summary>
    private async ValueTask<bool> IsRedirectedAsync(Flow flow, ProcessInfo process, string? name)
    {
        var verdict = await _rules.RuleAsync(flow, process, name, _logger);
        if (verdict == FlowVerdict.Local)
            _engine.Enter((_, actions) => DatagramFlows.PassUnchanged(flow, _engine.Now, actions));
        else if (verdict == FlowVerdict.Block)
            Refuse(flow, FlowRefusal.AdministrativelyProhibited);
        return verdict == FlowVerdict.Redirect;
    }

    private void Take(Flow flow, DatagramOwner socket, ObjectId id, RwsMessage reply)
    {
        var rws = socket.Channel.Rws;
        if (reply is ConnectReply connected)
        {
            var isTaken = _engine.Enter((engine, actions) =>
            {
                // Where the peer was quicker, New mapping has opened it already, at the same endpoint.
                var inside = PacketEndpoint.From(connected.Inside);
                var isOpen = flow.Decided == FlowState.Opening && flow.Inside == inside;
                if (!isOpen && !engine.Datagrams.Mapped(flow, inside, PacketEndpoint.From(socket.SeenAs), _engine.Now, actions))
                    return false;
                PeerOwner.Of(flow, socket).Connect = id;
                // The channel may have ended between its answer and now, and whoever ended its sockets then did not see this one.
                if (!rws.IsOpen)
                    engine.Datagrams.End(flow.Association!, FlowEnd.ByFirewall, actions);
                return true;
            });
            if (isTaken)
            {
                JourneyLog.PeerMapped(_logger, socket.Application, flow.Client, flow.Peer, flow.Inside);
                return;
            }

            if (flow.End == FlowEnd.SourceInUse)
                JourneyLog.SourceInUse(_logger, socket.Application, flow.Client, flow.Peer, PacketEndpoint.From(socket.SeenAs));
            rws.Notify(new Close("the program gave up", IsFromFirewall: false) { Id = id });
        }
        else if (reply is ErrorReply error)
        {
            JourneyLog.Refused(_logger, socket.Application, flow.Peer, error.Error, error.Sentence);
            if (error.Error == WinsockError.WSAENETDOWN && !rws.IsOpen)
                Decline(flow, _unreachable.WhenUnreachable(flow.Peer.Family));
            else
                Refuse(flow, Refusals.For(error.Error));
            if (error.Request == OpCode.Bind)
                _bindings.Remove(flow.Association!, socket);
        }

        _objects.Remove(rws, id, 0);
        rws.Ids.Release(id);
    }

    private void Decline(Flow flow, WithoutFirewall fate)
    {
        if (fate == WithoutFirewall.Direct)
            _engine.Enter((_, actions) => DatagramFlows.PassUnchanged(flow, _engine.Now, actions));
        else
            // Of "administratively prohibited" (RFC 4443, 3.1) a socket of IPv6 hears at once, and goes on with IPv4.
            Refuse(flow, fate == WithoutFirewall.Unreachable ? FlowRefusal.NetworkProhibited : FlowRefusal.AdministrativelyProhibited);
    }

    private void Refuse(Flow flow, FlowRefusal refusal) =>
        _engine.Enter((_, actions) => DatagramFlows.Refused(flow, refusal, FlowEnd.Refused, _engine.Now, actions));

    /// <summary>Whoever tells holds the gate, and must not be kept.</summary>
    private void Queue(Action work) => ThreadPool.UnsafeQueueUserWorkItem(
        _ =>
        {
            try
            {
                work();
            }
            catch (Exception failure)
            {
                // On a pool thread nobody else would catch it.
                JourneyLog.FinishFailed(_logger, failure);
            }
        },
        null);
}
