using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
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
/// A SYN: who is it, what do the rules say, Connect request on that user's channel, reply, binding installed, held SYN released; and the end of every flow, whoever began it.
/// </summary>
internal sealed class ConnectJourney
{
    private const string GaveUp = "the program gave up";

    private readonly GuardedEngine _engine;
    private readonly IProcessLookup _processes;
    private readonly FirewallChannels _channels;
    private readonly NameJourney _names;
    private readonly FlowRules _rules;
    private readonly UnreachablePolicy _unreachable;
    private readonly IFlowJournal? _journal;
    private readonly ILogger<ConnectJourney> _logger;
    private readonly ConcurrentDictionary<(int Process, AddressFamily Family), int> _flowsOfProcess = new();
    private readonly ConcurrentDictionary<Flow, Request> _requests = new();

    public ConnectJourney(
        GuardedEngine engine, IProcessLookup processes, FirewallChannels channels, NameJourney names, FlowRules rules, UnreachablePolicy unreachable,
        IFlowJournal? journal, ILogger<ConnectJourney> logger)
    {
        _engine = engine;
        _processes = processes;
        _channels = channels;
        _names = names;
        _rules = rules;
        _unreachable = unreachable;
        _journal = journal;
        _logger = logger;
        engine.ConnectRequested = flow => _ = Task.Run(() => ConnectAsync(flow));
        engine.Ended = flow => ThreadPool.UnsafeQueueUserWorkItem(static work => work.Journey.Finish(work.Flow), (Journey: this, Flow: flow), preferLocal: false);
    }

    /// <summary>True where the process has a connection of this IP version through the firewall now: its listening sockets are bound there.</summary>
    public bool HasRedirectedFlow(int processId, AddressFamily family) => _flowsOfProcess.ContainsKey((processId, family));

    /// <summary>
    /// Installs what the firewall announced; the packets of its connection may come from here on. False where they could not be told from those of another flow.
    /// </summary>
    /// <param name="owner">The binding's program.</param>
    /// <param name="mapping">As it came.</param>
    /// <param name="client">The program's own endpoint, which the mapping's client endpoint stands for.</param>
    public bool AddMapping(FlowOwner owner, NewMapping mapping, IPEndPoint client) => _engine.Enter((engine, actions) =>
    {
        var flow = engine.AddMapping(
            IpProtocol.Tcp, PacketEndpoint.From(mapping.Inside), PacketEndpoint.From(mapping.Peer), PacketEndpoint.From(client),
            PacketEndpoint.From(mapping.ClientEndpoint), owner, _engine.Now, actions);
        if (flow is not null)
        {
            flow.Why = $"redirected: a binding of {owner.Application} at the firewall";
            Bind(flow, owner);
        }

        return flow is not null;
    });

    /// <summary>Cuts every flow, and refuses those that wait for the firewall's answer.</summary>
    public void Abort() => _engine.Enter((engine, actions) =>
    {
        foreach (var flow in engine.Flows.ToArray())
            engine.Abort(flow, _engine.Now, actions);
    });

    /// <summary>A program's socket is closed before its connect was answered: the firewall, which may still be trying, is told at once. A server shall not see a connection that nobody wants.</summary>
    public void GiveUp(PacketEndpoint client, PacketEndpoint peer, ulong socketId)
    {
        Request? request = null;
        _engine.Enter((engine, actions) =>
        {
            if (engine.Find(IpProtocol.Tcp, client, peer) is not { Decided: FlowState.Pending } flow)
                return;
            // Its port may be another socket's by now.
            if (_requests.TryGetValue(flow, out request) && request.Process.SocketId != 0 && request.Process.SocketId != socketId)
                request = null;
            else
                engine.EndedOutside(flow, actions);
        });
        if (request is not null)
            Withdraw(request);
    }

    /// <summary>Cuts the flows of these objects: nothing carries them any more.</summary>
    public void Abort(Func<FlowOwner, bool> which) => _engine.Enter((engine, actions) =>
    {
        foreach (var flow in engine.Flows.Where(f => f.Owner is FlowOwner owner && which(owner)).ToArray())
            engine.Abort(flow, _engine.Now, actions);
    });

    private async Task ConnectAsync(Flow flow)
    {
        try
        {
            var process = await _processes.FindAsync(flow.Protocol, flow.Client, flow.Peer) ?? ProcessInfo.Unknown;
            var destination = flow.Peer.ToIPEndPoint();
            var name = _names.NameOf(process, destination.Address);
            if (!await IsRedirectedAsync(flow, process, name))
                return;
            var client = flow.Client.ToIPEndPoint();
            var (channel, reply) = await _channels.RequestAsync(
                process, channel => new ConnectRequest(destination, channel.SeenAs(client), name), flow.Peer.Family,
                (channel, id) => Asked(flow, new Request(channel, id, process)));
            Take(flow, new FlowOwner(process, channel, reply.Id), PacketEndpoint.From(channel.SeenAs(client)), reply);
        }
        catch (ChannelUnavailableException unavailable)
        {
            Decline(flow, unavailable);
        }
        catch (Exception failure)
        {
            JourneyLog.Failed(_logger, flow, failure);
            Refuse(flow, FlowRefusal.HostUnreachable);
        }
        finally
        {
            _requests.TryRemove(flow, out _);
        }
    }

    private void Asked(Flow flow, Request request)
    {
        _requests[flow] = request;
        // Given up before there was anything to close: GiveUp has not seen it, and this sees that.
        if (_engine.Enter((_, _) => flow.End == FlowEnd.Outside))
            Withdraw(request);
    }

    private void Withdraw(Request request)
    {
        JourneyLog.GivenUp(_logger, request.Process.Name, request.Id);
        request.Channel.Rws.Notify(new Close(GaveUp, IsFromFirewall: false) { Id = request.Id });
    }

    /// <summary>Asks the rules; where they say something else than "through the firewall", the flow has got what they say.</summary>
    private async ValueTask<bool> IsRedirectedAsync(Flow flow, ProcessInfo process, string? name)
    {
        var verdict = await _rules.RuleAsync(flow, process, name, _logger);
        if (verdict == FlowVerdict.Local)
            _engine.Enter((engine, actions) => engine.PassUnchanged(flow, actions));
        else if (verdict == FlowVerdict.Block)
            Refuse(flow, FlowRefusal.AdministrativelyProhibited);
        return verdict == FlowVerdict.Redirect;
    }

    private void Take(Flow flow, FlowOwner owner, PacketEndpoint seenAs, RwsMessage reply)
    {
        if (reply is ConnectReply connected)
        {
            var taken = _engine.Enter((engine, actions) =>
            {
                if (!engine.Connected(flow, PacketEndpoint.From(connected.Inside), seenAs, _engine.Now, actions))
                    return false;
                // Only now: a flow that ended before has its end on the way to Finish, which must not take this object for its own.
                flow.Owner = owner;
                Bind(flow, owner);
                // The channel may have ended between its answer and now, and whoever cut its flows then did not see this one.
                if (owner.Channel.Rws.HasEnded)
                    engine.Abort(flow, _engine.Now, actions);
                return true;
            });
            if (taken)
            {
                JourneyLog.Connected(_logger, owner.Application, flow.Client, flow.Peer, flow.Inside, flow.Why);
                return;
            }

            // The firewall holds a connection for nobody.
            var isTaken = flow.End == FlowEnd.SourceInUse;
            if (isTaken)
                JourneyLog.SourceInUse(_logger, owner.Application, flow.Client, flow.Peer, seenAs);
            owner.Channel.Rws.Notify(new Close(isTaken ? $"{seenAs} is in use" : GaveUp, IsFromFirewall: false) { Id = owner.Id });
        }
        else if (reply is ErrorReply error)
        {
            if (flow.End != FlowEnd.Outside)
                JourneyLog.Refused(_logger, owner.Application, flow.Peer, error.Error, error.Sentence);
            if (error.Error == WinsockError.WSAENETDOWN && owner.Channel.Rws.HasEnded && _unreachable.GoesDirect(flow.Peer.Family))
                _engine.Enter((engine, actions) => engine.PassUnchanged(flow, actions));
            else
                Refuse(flow, Refusals.For(error.Error));
        }

        owner.Channel.Rws.Ids.Release(owner.Id);
    }

    private void Decline(Flow flow, ChannelUnavailableException unavailable)
    {
        switch (_unreachable.For(unavailable, flow.Peer.Family))
        {
            case WithoutFirewall.Direct:
                if (unavailable.Lacks == AddressFamily.InterNetworkV6)
                    JourneyLog.DirectIPv6(_logger, flow.Client, flow.Peer);
                _engine.Enter((engine, actions) => engine.PassUnchanged(flow, actions));
                break;
            case WithoutFirewall.NoIPv6:
                // The program tries its next address at once, not after its patience (RFC 8305, 5).
                JourneyLog.NoIPv6(_logger, flow.Client, flow.Peer, flow.Why);
                Refuse(flow, FlowRefusal.Reset);
                break;
            case WithoutFirewall.Prohibited:
                Refuse(flow, FlowRefusal.AdministrativelyProhibited);
                break;
            default:
                Refuse(flow, FlowRefusal.NetworkUnreachable);
                break;
        }
    }

    private void Refuse(Flow flow, FlowRefusal refusal) => _engine.Enter((engine, actions) => engine.Refused(flow, refusal, _engine.Now, actions));

    /// <summary>Under the gate.</summary>
    private void Bind(Flow flow, FlowOwner owner)
    {
        owner.JournalSlot = _journal?.Add(flow.Protocol, flow.Client, flow.Peer) ?? -1;
        if (owner.Process.Id > 0)
            _flowsOfProcess.AddOrUpdate((owner.Process.Id, flow.Peer.Family), 1, (_, count) => count + 1);
    }

    /// <summary>A flow is over: its place in the journal and its object at the firewall are free.</summary>
    private void Finish(Flow flow)
    {
        try
        {
            // Refused and direct flows have no object; a connected one has, and so has a mapping.
            if (flow.Owner is FlowOwner owner)
                Finish(flow, owner);
        }
        catch (Exception failure)
        {
            // On a pool thread nobody else would catch it.
            JourneyLog.Failed(_logger, flow, failure);
        }
    }

    private void Finish(Flow flow, FlowOwner owner)
    {
        JourneyLog.Ended(_logger, owner.Application, flow.Client, flow.Peer, flow.End, flow.Outbound.Bytes, flow.Inbound.Bytes);
        _journal?.Remove(owner.JournalSlot);
        if (owner.Process.Id > 0)
            Forget((owner.Process.Id, flow.Peer.Family));
        owner.Channel.Rws.Notify(new Close("", IsFromFirewall: false) { Id = owner.Id, FirewallMapping = owner.FirewallMapping });
        if (owner.FirewallMapping == 0)
            owner.Channel.Rws.Ids.Release(owner.Id);
    }

    private void Forget((int Process, AddressFamily Family) key)
    {
        while (_flowsOfProcess.TryGetValue(key, out var count))
        {
            if (count > 1 ? _flowsOfProcess.TryUpdate(key, count - 1, count) : _flowsOfProcess.TryRemove(new(key, count)))
                return;
        }
    }

    /// <summary>What the firewall is asked for a flow.</summary>
    private sealed record Request(FirewallChannel Channel, ObjectId Id, ProcessInfo Process);
}
