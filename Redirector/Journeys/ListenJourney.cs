using System.Net;
using System.Net.Sockets;
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
    public IEnumerable<BindingStatus> Statuses() => All().Where(listener => !listener.IsForeign).Select(listener => listener.Status);

    public void Count(StatusCounters counters)
    {
        counters.Add("bindings", "bound", _bindings.Count);
        counters.Add("bindings", "listening", All().Count(listener => listener.IsListening));
        counters.Add("bindings", "sockets", _sockets.Count + _datagramSockets.Count);
    }

    /// <summary>Somebody connected at the firewall.</summary>
    public void Take(RwsClientChannel channel, NewMapping mapping)
    {
        if (_bindings.Find(channel, mapping.Id) is not var (binding, listener) || !mapping.IsOfOneVersion || !mapping.ClientEndpoint.Equals(binding.SeenAs))
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
        channel.Notify(mapping.Received());

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
        // What a socket's event does not tell.
        foreach (var (socketId, _, _, _) in there.Where(socket => socket.OnlyIPv6))
            sockets.Leave(socketId, AddressFamily.InterNetwork);
        foreach (var listener in sockets.Listeners().Where(one => one.Decision.IsPublished && Decide(protocol, one.Process, one.Local, hasFlow: false) != one.Decision))
            sockets.CloseAll(listener);

        foreach (var (socketId, local, _, onlyIPv6) in sockets.Unseen(there, version))
        {
            // Without a flow, whatever its process does: a program's own server is not published because the program talks to somebody.
            if (Publishes(protocol) && IsReachable(local) && sockets.TryReserve(socketId, before))
                _ = BeginAsync(protocol, socketId, local, FamiliesOf(local, onlyIPv6), [], () => processes.FindAsync(protocol, local, default), static () => { });
        }
    }

    /// <summary>Loopback is nobody's outside, a group is everybody's own.</summary>
    private static bool IsReachable(PacketEndpoint local) =>
        local.ToIPEndPoint().Address is { IsIPv6LinkLocal: false, IsIPv6Multicast: false } address && !IPAddress.IsLoopback(address) && (!local.IsIPv4 || local.IPv4 < FirstMulticast);

    /// <summary>Whose connections a socket takes: one at :: takes both, as far as is known.</summary>
    private static AddressFamily[] FamiliesOf(PacketEndpoint local, bool onlyIPv6 = false) => local.IsIPv4 ? [AddressFamily.InterNetwork]
        : local.Address == 0 && !onlyIPv6 ? [AddressFamily.InterNetwork, AddressFamily.InterNetworkV6]
        : [AddressFamily.InterNetworkV6];

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
        var families = FamiliesOf(local);
        var withFlow = publishes || protocol != IpProtocol.Udp ? Array.FindAll(families, family => connects.HasRedirectedFlow(processId, family)) : [];
        var hasFlow = withFlow.Length > 0;
        if ((!hasFlow && !publishes) || !sockets.TryReserve(socketId, time.GetTimestamp()))
            return;
        if (hasFlow)
            hold.Begin(processId);
        var isHeld = hasFlow ? 1 : 0;
        _ = Task.Run(() => BeginAsync(protocol, socketId, local, families, withFlow, () => ValueTask.FromResult(processes.Find(processId)), Answered));

        void Answered()
        {
            if (Interlocked.Exchange(ref isHeld, 0) != 0)
                hold.End(processId);
        }
    }

    private async Task BeginAsync(
        byte protocol, ulong socketId, PacketEndpoint local, AddressFamily[] families, AddressFamily[] withFlow, Func<ValueTask<ProcessInfo?>> find, Action answered)
    {
        var sockets = SocketsOf(protocol);
        try
        {
            var process = await find();
            var decided = process is null ? [] : Array.FindAll(
                Array.ConvertAll(families, family => (Family: family, Decision: Decide(protocol, process, local, withFlow.Contains(family)))), one => one.Decision is not null);
            if (decided.Length == 0)
            {
                sockets.Close(socketId);
                return;
            }

            // All at once, and answered is who has been answered in each version.
            var listeners = decided.Select(one => sockets.Join(socketId, local, one.Family, () => Create(protocol, local, one.Family, process! with { SocketId = socketId }, one.Decision!)))
                .OfType<PublishedSocket>().ToArray();
            var left = listeners.Length;
            await Task.WhenAll(listeners.Select(listener => RunAsync(listener, () =>
            {
                if (Interlocked.Decrement(ref left) == 0)
                    answered();
            })));
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

    private static Task RunAsync(PublishedSocket listener, Action answered)
    {
        var isFirst = 1;
        return listener.RunAsync(() =>
        {
            if (Interlocked.Exchange(ref isFirst, 0) != 0)
                answered();
        });
    }

    private PublishedSocket Create(byte protocol, PacketEndpoint local, AddressFamily family, ProcessInfo process, ListenDecision decision) => protocol == IpProtocol.Udp
        ? new DatagramListener(local, family, process, decision, datagrams, time, logger)
        : new Listener(local, family, process, decision, _bindings, channels, time, logger);

    private ListenDecision? Decide(byte protocol, ProcessInfo process, PacketEndpoint local, bool hasFlow) => protocol == IpProtocol.Udp
        ? ListenRules.DecideUdp(rules.SettingsOf(process), local.Port, source.IsDynamicPort(local.Port))
        : ListenRules.DecideTcp(rules.SettingsOf(process), local.Port, source.IsDynamicPort(local.Port), hasFlow);
}
