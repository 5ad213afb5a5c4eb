using System.Net;
using FwRedirect.ControlChannel.Client;
using FwRedirect.ControlChannel.Messages;
using FwRedirect.ControlChannel.Status;
using FwRedirect.Redirector.Diversion;
using FwRedirect.Redirector.Firewall;
using FwRedirect.Redirector.Packets;
using FwRedirect.Redirector.Processes;
using FwRedirect.Redirector.Rules;
using Microsoft.Extensions.Logging;

namespace FwRedirect.Redirector.Journeys;

/// <summary>
/// A listen, or the bind of a UDP socket: where Rules/ListenRules.cs says so, a program's socket is bound and listened for at the firewall; each connection that comes there is announced,
/// mapped, acknowledged, and each unknown peer likewise (UdpJourney). The program's own bind is over by the time we hear of it, so nothing here can fail it.
/// </summary>
internal sealed class ListenJourney(
    ISocketEventSource source, ConnectJourney connects, UdpJourney datagrams, ListenHold hold, IProcessLookup processes, FirewallChannels channels, FlowRules rules,
    TimeProvider time, ILogger<ListenJourney> logger) : ICounted
{
    /// <summary>224.0.0.0.</summary>
    private const uint FirstMulticast = 0xE000_0000;

    private readonly Bindings _bindings = new();
    private readonly ListeningSockets _sockets = new();
    private readonly ListeningSockets _datagramSockets = new();
    private readonly SocketEvent[] _events = new SocketEvent[64];
    private readonly Lock _reading = new();
    private volatile bool _taking;

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

    /// <summary>All sockets that the firewall listens for, or should.</summary>
    public IEnumerable<BindingStatus> Statuses() => All().Select(listener => listener.Status);

    public void Count(StatusCounters counters)
    {
        counters.Add("bindings", "bound", _bindings.Count);
        counters.Add("bindings", "listening", All().Count(listener => listener.IsListening));
        counters.Add("bindings", "sockets", _sockets.Count + _datagramSockets.Count);
    }

    /// <summary>Somebody connected at the firewall.</summary>
    public void Take(RwsClientChannel channel, NewMapping mapping)
    {
        var isOfOneFamily = mapping.Inside.AddressFamily == mapping.ClientEndpoint.AddressFamily && mapping.Peer.AddressFamily == mapping.ClientEndpoint.AddressFamily;
        if (_bindings.Find(channel, mapping.Id) is not var (binding, listener) || !isOfOneFamily || !mapping.ClientEndpoint.Equals(binding.SeenAs))
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

        listener.Accept();
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
    public void Forget(RwsClientChannel channel, ObjectId? id, string reason) => _bindings.Lose(channel, id, reason);

    /// <summary>Gives every binding back, and asks for none again.</summary>
    public void Stop()
    {
        _sockets.Stop();
        _datagramSockets.Stop();
    }

    /// <summary>
    /// Compares with the system's own list: sockets that are older than the service, or that new settings speak of, are taken up; those are given back whose close was not heard of, or
    /// of which the settings say something else now. Reads files; not on a packet's way.
    /// </summary>
    public void Review()
    {
        var before = time.GetTimestamp();
        var version = rules.Version;
        if (source.Listening() is not { } listening)
            return;
        foreach (var protocol in new[] { IpProtocol.Tcp, IpProtocol.Udp })
            Review(protocol, SocketsOf(protocol), [.. listening.Where(socket => socket.Protocol == protocol)], version, before);
    }

    private void Review(byte protocol, ListeningSockets sockets, ListeningSocket[] there, object version, long before)
    {
        foreach (var closed in sockets.Missing(there, before))
            sockets.Close(closed);
        foreach (var listener in sockets.Listeners().Where(one => one.Decision.IsPublished && Decide(protocol, one.Process, one.Local, hasFlow: false) != one.Decision))
            sockets.CloseAll(listener);

        foreach (var (socketId, local, _) in sockets.Unseen(there, version))
        {
            // Without a flow, whatever its process does: a program's own server is not published because the program talks to somebody.
            if (Publishes(protocol) && IsReachable(local) && sockets.TryReserve(socketId, before))
                _ = BeginAsync(protocol, socketId, local, () => processes.FindAsync(protocol, local, default), hasFlow: false, static () => { });
        }
    }

    /// <summary>Loopback is nobody's outside, a group is everybody's own.</summary>
    private static bool IsReachable(PacketEndpoint local) =>
        !IPAddress.IsLoopback(local.ToIPEndPoint().Address) && (local.Address == 0 || (local.IsIPv4 && local.IPv4 < FirstMulticast));

    private PublishedSocket[] All() => [.. _sockets.Listeners(), .. _datagramSockets.Listeners()];

    private ListeningSockets SocketsOf(byte protocol) => protocol == IpProtocol.Udp ? _datagramSockets : _sockets;

    private bool Publishes(byte protocol) => protocol == IpProtocol.Tcp ? rules.PublishesTcp : rules.PublishesUdp;

    private void Take(SocketEvent happened)
    {
        processes.Observe(happened);
        datagrams.Take(happened);
        var (protocol, processId, socketId, local) = (happened.Protocol, happened.ProcessId, happened.SocketId, happened.Local);
        if (happened is { Kind: SocketEventKind.Close, Protocol: IpProtocol.Tcp } && happened.Remote != default)
        {
            connects.GiveUp(local, happened.Remote, socketId);
            return;
        }

        var sockets = SocketsOf(protocol);
        if (happened.Kind == SocketEventKind.Close)
        {
            sockets.Close(socketId);
            return;
        }

        if (happened.Kind != (protocol == IpProtocol.Udp ? SocketEventKind.Bind : SocketEventKind.Listen) || !IsReachable(local))
            return;
        var publishes = Publishes(protocol);
        // Asked of every bind of UDP: only where it counts.
        var hasFlow = (publishes || protocol != IpProtocol.Udp) && connects.HasRedirectedFlow(processId);
        if ((!hasFlow && !publishes) || !sockets.TryReserve(socketId, time.GetTimestamp()))
            return;
        if (hasFlow)
            hold.Begin(processId);
        var isHeld = hasFlow ? 1 : 0;
        _ = Task.Run(() => BeginAsync(protocol, socketId, local, () => ValueTask.FromResult(processes.Find(processId)), hasFlow, Answered));

        void Answered()
        {
            if (Interlocked.Exchange(ref isHeld, 0) != 0)
                hold.End(processId);
        }
    }

    private async Task BeginAsync(byte protocol, ulong socketId, PacketEndpoint local, Func<ValueTask<ProcessInfo?>> find, bool hasFlow, Action answered)
    {
        var sockets = SocketsOf(protocol);
        try
        {
            var process = await find();
            if (process is null || Decide(protocol, process, local, hasFlow) is not { } decision)
                sockets.Close(socketId);
            else if (sockets.Join(socketId, local, () => Create(protocol, local, process with { SocketId = socketId }, decision)) is { } listener)
                await listener.RunAsync(answered);
        }
        catch (Exception failure)
        {
            // Nobody awaits a listen.
            JourneyLog.ListenFailed(logger, local, failure);
            sockets.Close(socketId);
        }
        finally
        {
            answered();
        }
    }

    private PublishedSocket Create(byte protocol, PacketEndpoint local, ProcessInfo process, ListenDecision decision) => protocol == IpProtocol.Udp
        ? new DatagramListener(local, process, decision, datagrams, time, logger)
        : new Listener(local, process, decision, _bindings, channels, time, logger);

    private ListenDecision? Decide(byte protocol, ProcessInfo process, PacketEndpoint local, bool hasFlow) => protocol == IpProtocol.Udp
        ? ListenRules.DecideUdp(rules.SettingsOf(process), local.Port, source.IsDynamicPort(local.Port))
        : ListenRules.DecideTcp(rules.SettingsOf(process), local.Port, source.IsDynamicPort(local.Port), hasFlow);
}
