using System.Collections.Concurrent;
using System.Net;
using FwRedirect.ControlChannel.Client;
using FwRedirect.ControlChannel.Messages;
using FwRedirect.ControlChannel.Status;
using FwRedirect.Redirector.Diversion;
using FwRedirect.Redirector.Firewall;
using FwRedirect.Redirector.Packets;
using FwRedirect.Redirector.Processes;
using Microsoft.Extensions.Logging;

namespace FwRedirect.Redirector.Journeys;

/// <summary>
/// A listen: the socket of a program that has a redirected connection is bound and listened for at the firewall; each connection that comes there is
/// announced, mapped, acknowledged. The program's own bind is over by the time we hear of it, so nothing here can fail it.
/// </summary>
internal sealed class ListenJourney(
    ISocketEventSource source, ConnectJourney connects, ListenHold hold, IProcessLookup processes, FirewallChannels channels, ILogger<ListenJourney> logger) : ICounted
{
    /// <summary>What a Listen request asks for: Linux and Windows tell no backlog, and this is what common servers ask.</summary>
    private const ushort Backlog = 128;

    /// <summary>By socket; a task, since the Close of a socket may come while its Bind request is under way.</summary>
    private readonly ConcurrentDictionary<ulong, Task<Binding?>> _sockets = new();
    private readonly ConcurrentDictionary<(RwsClientChannel Channel, ObjectId Id), Binding> _bindings = new();
    private readonly SocketEvent[] _events = new SocketEvent[64];
    private readonly Lock _reading = new();
    private volatile bool _taking;

    /// <summary>Who is told of every socket event besides; must not block.</summary>
    public SocketEventHandler? Others { get; init; }

    /// <summary>Reads events until the source is shut down.</summary>
    public void Run()
    {
        while (source.Wait())
            CatchUp();
    }

    /// <summary>Takes the events that are there now. A packet thread calls it too: what a program says after its listen() must find the listen taken.</summary>
    public void CatchUp()
    {
        // Asked in this order: an event that is not there any more because the other thread has just read it, is still being taken.
        if (!source.HasEvents && !_taking)
            return;

        lock (_reading)
        {
            _taking = true;
            for (var count = source.Read(_events); count > 0; count = source.Read(_events))
            {
                foreach (ref readonly var happened in _events.AsSpan(0, count))
                    Take(happened);
            }

            _taking = false;
        }
    }

    public void Count(StatusCounters counters)
    {
        counters.Add("bindings", "bound", _bindings.Count);
        counters.Add("bindings", "sockets", _sockets.Count);
    }

    /// <summary>Somebody connected at the firewall.</summary>
    public void Take(RwsClientChannel channel, NewMapping mapping)
    {
        var isKnown = _bindings.TryGetValue((channel, mapping.Id), out var binding);
        var isOfOneFamily = mapping.Inside.AddressFamily == mapping.ClientEndpoint.AddressFamily && mapping.Peer.AddressFamily == mapping.ClientEndpoint.AddressFamily;
        if (!isKnown || !isOfOneFamily || !mapping.ClientEndpoint.Equals(binding!.SeenAs))
        {
            Decline("no such binding");
            return;
        }

        var owner = new FlowOwner(binding.Process, binding.Channel, mapping.Id) { FirewallMapping = mapping.FirewallMapping };
        if (!connects.AddMapping(owner, mapping, binding.Client))
        {
            Decline($"{mapping.ClientEndpoint} is in use");
            return;
        }

        channel.Notify(new MappingReceived(mapping.ClientEndpoint, mapping.Inside, mapping.Outside, mapping.Peer)
        {
            Id = mapping.Id,
            FirewallHandle = mapping.FirewallHandle,
            FirewallMapping = mapping.FirewallMapping,
            ClientMapping = mapping.FirewallMapping,
        });

        void Decline(string sentence) =>
            channel.Notify(new Close(sentence, IsFromFirewall: false) { Id = mapping.Id, FirewallMapping = mapping.FirewallMapping });
    }

    /// <summary>The firewall gave a binding up, or its channel ended.</summary>
    public void Forget(RwsClientChannel channel, ObjectId? id)
    {
        foreach (var key in _bindings.Keys.Where(k => k.Channel == channel && (id is null || k.Id == id)))
            Release(key);
    }

    private void Take(SocketEvent happened)
    {
        processes.Observe(happened);
        Others?.Invoke(happened);
        var (processId, socketId, local) = (happened.ProcessId, happened.SocketId, happened.Local);
        if (happened is { Kind: SocketEventKind.Listen, Protocol: IpProtocol.Tcp } && IsWanted(processId, local))
        {
            hold.Begin(processId);
            _sockets[socketId] = Task.Run(() => BindAsync(processId, local));
        }
        else if (happened.Kind == SocketEventKind.Close && _sockets.TryRemove(socketId, out var bound))
        {
            _ = Task.Run(() => CloseAsync(bound));
        }
    }

    /// <summary>The rule of this version: the process has a redirected connection, and the socket is not for this machine alone.</summary>
    private bool IsWanted(int processId, PacketEndpoint local) =>
        connects.HasRedirectedFlow(processId) && !IPAddress.IsLoopback(local.ToIPEndPoint().Address) && (local.IsIPv4 || local.Address == 0);

    private async Task<Binding?> BindAsync(int processId, PacketEndpoint local)
    {
        try
        {
            return processes.Find(processId) is { } process ? await BindAsync(process, local) : null;
        }
        catch (Exception failure)
        {
            // Nobody awaits a listen whose socket is never closed.
            JourneyLog.ListenFailed(logger, local, failure);
            return null;
        }
        finally
        {
            hold.End(processId);
        }
    }

    private async Task<Binding?> BindAsync(ProcessInfo process, PacketEndpoint local)
    {
        try
        {
            var channel = await channels.GetAsync(process);
            // The article's program asks for its own address first (step 5); here that look-up is ours, is answered here, and takes its number all the same.
            var ownAddressId = channel.Rws.Ids.Next();
            var address = local.Address == 0 || local.IPv4 == 0 ? channel.LocalAddress : local.ToIPEndPoint().Address;
            var client = new IPEndPoint(address, local.Port);
            var binding = new Binding(process, channel, ownAddressId, channel.Rws.Ids.Next(boundSocket: true), client, channel.SeenAs(client));
            return await ListenAsync(binding) ? binding : null;
        }
        catch (ChannelUnavailableException unavailable)
        {
            JourneyLog.NotListening(logger, process.Name, local.ToIPEndPoint(), unavailable.Message);
            return null;
        }
    }

    private async Task<bool> ListenAsync(Binding binding)
    {
        var rws = binding.Channel.Rws;
        var wanted = new IPEndPoint(rws.Setup.ExternalAddress, 0);
        _bindings[(rws, binding.Id)] = binding;
        var reply = await rws.RequestAsync(new BindRequest(IpProtocol.Tcp, wanted, binding.SeenAs) { Id = binding.Id });
        if (reply is BindReply bound)
        {
            reply = await rws.RequestAsync(new ListenRequest(bound.Outside, Backlog) { Id = binding.Id });
            if (reply is ListenReply listening)
            {
                JourneyLog.Listening(logger, binding.Process.Name, binding.Client, listening.Outside);
                return true;
            }

            rws.Notify(new Close("", IsFromFirewall: false) { Id = binding.Id });
        }

        JourneyLog.NotListening(logger, binding.Process.Name, binding.Client, (reply as ErrorReply)?.Sentence ?? reply.Describe());
        Release((rws, binding.Id));
        return false;
    }

    private async Task CloseAsync(Task<Binding?> bound)
    {
        if (await bound is not { } binding)
            return;

        var rws = binding.Channel.Rws;
        if (Release((rws, binding.Id)))
            rws.Notify(new Close("", IsFromFirewall: false) { Id = binding.Id });
    }

    private bool Release((RwsClientChannel Channel, ObjectId Id) key)
    {
        if (!_bindings.TryRemove(key, out var binding))
            return false;
        key.Channel.Ids.Release(binding.OwnAddressId);
        key.Channel.Ids.Release(binding.Id);
        return true;
    }
}
