using System.Diagnostics.CodeAnalysis;
using System.Net;
using System.Net.Sockets;
using FwRedirect.ControlChannel.Client;
using FwRedirect.ControlChannel.Messages;
using FwRedirect.ControlChannel.Session;
using FwRedirect.ControlChannel.Status;
using FwRedirect.Redirector.Configuration;
using FwRedirect.Redirector.Diversion;
using FwRedirect.Redirector.Engine;
using FwRedirect.Redirector.Firewall;
using FwRedirect.Redirector.Journeys;
using FwRedirect.Redirector.Processes;
using FwRedirect.Redirector.Rules;
using FwRedirect.Redirector.Status;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace FwRedirect.Redirector.Service;

/// <summary>
/// The service from start to stop. The start is the list of its steps, each failing into one numbered error; the stop is the same list backwards, and whatever
/// is disposed undoes what it changed. A start that fails half-way stops what it had begun.
/// </summary>
[SuppressMessage("Design", "CA1001", Justification = "StopAsync disposes of all that StartAsync opened; a host calls both once.")]
internal sealed class RedirectorService(RedirectorOptions options, IMachine machine, TimeProvider time, ILoggerFactory loggers) : IHostedService, IClientChannelHandler
{
    /// <summary>A thread ends with the packet that it has in hand; one that does not is left to the end of the process.</summary>
    private static readonly TimeSpan LongestEnd = TimeSpan.FromSeconds(5);

    private readonly ILogger<RedirectorService> _logger = loggers.CreateLogger<RedirectorService>();
    private readonly Stack<IDisposable> _opened = new();
    private readonly List<Thread> _threads = [];
    private IPacketDiverter? _diverter;
    private ISocketEventSource? _events;
    private FirewallChannels? _channels;
    private ConnectJourney? _connects;
    private ListenJourney? _listens;
    private UdpJourney? _datagrams;
    private PingJourney? _pings;
    private IFlowJournal? _journal;
    private ITimer? _ticks;
    private StatusServer? _status;
    private readonly Lock _networks = new();
    private List<LocalNetwork> _local = [];
    private LocalDestinations? _destinations;
    private IDisposable? _lift;
    private bool _stopped;

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        try
        {
            Open(StartStep.Recovery, machine.Claim);
            if (Step(StartStep.Recovery, machine.Recover) is { } found)
                ServiceLog.Recovered(_logger, found);
            var firewall = await FindFirewallAsync(cancellationToken);
            Step(StartStep.LocalNetworks, ReadLocalNetworks);
            _journal = Open(StartStep.Recovery, machine.OpenJournal);
            Open(StartStep.Recovery, () => machine.StartGuard(options, _journal));
            _events = Open(StartStep.SocketEvents, () => machine.OpenSocketEvents(options))!;
            var processes = Open(StartStep.SocketEvents, () => machine.OpenProcessLookup(_events))!;
            Open(StartStep.Route, () => machine.AddFallbackRoute(firewall.Address));
            _diverter = Open(StartStep.Diversion, () => machine.OpenDiverter(options, firewall, _local))!;
            _lift = Step(StartStep.Diversion, () => machine.LiftBlock(options, _local));
            Run(firewall, processes);
            Open(StartStep.LocalNetworks, () => machine.WatchNetworks(() => RefreshLocalNetworks(firewall)));
            // A machine that boots has got its networks while all this was opened.
            RefreshLocalNetworks(firewall);
            ServiceLog.Ready(_logger, firewall, options.WhenFirewallUnreachable);
        }
        catch
        {
            await StopAsync(CancellationToken.None);
            throw;
        }
    }

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        lock (_networks)
        {
            if (_stopped)
                return;
            _stopped = true;
        }

        if (_status is not null)
            await _status.DisposeAsync();
        // Waits for a tick that runs: none may meet a diverter that is gone.
        if (_ticks is not null)
            await _ticks.DisposeAsync();
        // While packets are still read: the resets leave through the diverter, held SYNs are refused, and what comes from here on finds no channel.
        _connects?.Abort();
        _datagrams?.Abort();
        if (_channels is not null)
            await _channels.DisposeAsync();
        // The block stands before the first packet passes unseen.
        if (_lift is { } lift)
            Undo("the lifted block", lift.Dispose);
        _events?.Shutdown();
        _diverter?.Shutdown();
        foreach (var thread in _threads)
            thread.Join(LongestEnd);
        if (_journal is { } journal)
            Undo("the flows in the journal", () => machine.EndFlows(journal));
        while (_opened.TryPop(out var opened))
            Undo(opened.GetType().Name, opened.Dispose);
        ServiceLog.Stopped(_logger);
    }

    void IClientChannelHandler.NewMapping(RwsClientChannel channel, NewMapping mapping)
    {
        if (!_datagrams!.Take(channel, mapping))
            _listens!.Take(channel, mapping);
    }

    void IClientChannelHandler.MappingFailed(RwsClientChannel channel, MappingError error) => _datagrams!.Take(channel, error);

    void IClientChannelHandler.EchoAnswered(RwsClientChannel channel, RwsMessage answer) => _pings!.Take(channel, answer);

    void IClientChannelHandler.Closed(RwsClientChannel channel, Close close)
    {
        if (_datagrams!.Take(channel, close))
            return;
        if (close.FirewallMapping == 0 && close.Id.IsBoundSocket)
            _listens!.Forget(channel, close.Id);
        else
            _connects!.Abort(owner => owner.Channel.Rws == channel && owner.Id == close.Id && owner.FirewallMapping == close.FirewallMapping);
    }

    void IClientChannelHandler.Ended(RwsClientChannel channel, SessionEnd end)
    {
        ServiceLog.ChannelEnded(_logger, channel.Application, end);
        _datagrams!.Forget(channel);
        _listens!.Forget(channel, id: null);
        _connects!.Abort(owner => owner.Channel.Rws == channel);
    }

    private void Run(IPEndPoint firewall, IProcessLookup processes)
    {
        _destinations = new LocalDestinations(_local, firewall);
        var engine = new GuardedEngine(new RedirectEngine(_destinations), _diverter!, time);
        var unreachable = new UnreachablePolicy(options.WhenFirewallUnreachable, machine.HasDefaultRoute);
        var domains = new LocalDomains(options.LocalDomains, options.FirewallHost);
        var rules = new FlowRules(_destinations, new RuleSet(domains, [options.Applications], options.Rules), Environment.ProcessId);
        _channels = new FirewallChannels(options, firewall, this, time, loggers.CreateLogger<FirewallChannels>())
        {
            ForcesCredentials = process => rules.SettingsOf(process).ForceCredentials,
        };
        var names = new NameJourney(_diverter!, processes, _channels, rules, unreachable, time, loggers.CreateLogger<NameJourney>());
        _connects = new ConnectJourney(engine, processes, _channels, names, rules, unreachable, _journal, loggers.CreateLogger<ConnectJourney>());
        _datagrams = new UdpJourney(engine, processes, _channels, names, rules, unreachable, time, loggers.CreateLogger<UdpJourney>());
        _pings = new PingJourney(_diverter!, processes, _channels, names, rules, unreachable, time, loggers.CreateLogger<PingJourney>());
        var hold = new ListenHold(engine, _diverter!);
        _listens = new ListenJourney(_events!, _connects, hold, processes, _channels, loggers.CreateLogger<ListenJourney>()) { Others = _datagrams.Take };
        var loop = new PacketLoop(_diverter!, engine, names, _pings, _listens, hold, machine.CreateBatch);
        for (var queue = 0; queue < _diverter!.QueueCount; queue++)
        {
            var number = queue;
            StartThread($"packets {number}", () => loop.Run(number));
        }

        StartThread("socket events", _listens.Run);
        _status = Step(StartStep.Status, () => OpenStatus(firewall, engine, names, hold));
        _ticks = time.CreateTimer(_ => Tick(engine, names, hold), null, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(1));
    }

    private StatusServer? OpenStatus(IPEndPoint firewall, GuardedEngine engine, NameJourney names, ListenHold hold)
    {
        var facts = new Dictionary<string, string> { ["firewall"] = firewall.ToString(), ["whenFirewallUnreachable"] = options.WhenFirewallUnreachable.ToString() };
        // Parts of one system count where they have something to count.
        object?[] parts = [engine, hold, _listens, names, _pings, _channels, _journal, _diverter];
        return StatusServer.Open(
            options.StatusEndpoint, new RedirectorStatus(engine, _channels!, [.. parts.OfType<ICounted>()], facts, time), time, loggers.CreateLogger<StatusServer>());
    }

    private void Tick(GuardedEngine engine, NameJourney names, ListenHold hold)
    {
        try
        {
            engine.Enter((e, actions) => e.Tick(engine.Now, actions));
            names.Tick();
            _pings!.Tick();
            hold.Tick();
            _channels!.CloseIdle();
        }
        catch (Exception failure)
        {
            ServiceLog.TickFailed(_logger, failure);
        }
    }

    private async Task<IPEndPoint> FindFirewallAsync(CancellationToken cancellationToken)
    {
        try
        {
            var addresses = await Dns.GetHostAddressesAsync(options.FirewallHost, AddressFamily.InterNetwork, cancellationToken);
            if (addresses.Length > 0)
                return new IPEndPoint(addresses[0], options.ControlPort);
            throw new StartFailedException(StartStep.Firewall, $"{options.FirewallHost} has no IPv4 address");
        }
        catch (SocketException failure)
        {
            throw new StartFailedException(StartStep.Firewall, $"{options.FirewallHost} can not be found: {failure.Message}");
        }
    }

    /// <summary>True where they are not those of before.</summary>
    private bool ReadLocalNetworks()
    {
        IEnumerable<LocalNetwork> all =
            [.. LocalDestinations.Always, .. machine.LocalNetworks(), .. options.LocalAddresses.Select(n => new LocalNetwork(n, "LocalAddresses"))];
        var (before, local) = (_local, all.DistinctBy(n => n.Network).ToList());
        foreach (var network in local.Except(before))
            ServiceLog.Local(_logger, network.Network, network.Source);
        foreach (var network in before.Except(local))
            ServiceLog.LocalNoMore(_logger, network.Network, network.Source);
        _local = local;
        return local.Count != before.Count || local.Except(before).Any();
    }

    /// <summary>An interface or a tunnel came or went.</summary>
    private void RefreshLocalNetworks(IPEndPoint firewall)
    {
        lock (_networks)
        {
            if (_stopped)
                return;
            try
            {
                if (!ReadLocalNetworks())
                    return;
                // The rules first: until the diverter is narrower, they let what became local pass.
                _destinations!.Replace(_local);
                machine.UpdateDiverter(_diverter!, options, firewall, _local);
            }
            catch (Exception failure)
            {
                ServiceLog.NetworksFailed(_logger, failure.Message);
            }
        }
    }

    private T? Open<T>(StartStep step, Func<T?> open) where T : class, IDisposable
    {
        var opened = Step(step, open);
        if (opened is not null)
            _opened.Push(opened);
        return opened;
    }

    private static T Step<T>(StartStep step, Func<T> work)
    {
        try
        {
            return work();
        }
        catch (Exception failure) when (failure is not StartFailedException)
        {
            throw new StartFailedException(step, failure.Message);
        }
    }

    private void StartThread(string name, Action work)
    {
        var thread = new Thread(() =>
        {
            try
            {
                work();
            }
            catch (Exception failure)
            {
                // A thread that is gone would hold every packet of its queue: better to end, and let the rules that are left decide.
                ServiceLog.ThreadFailed(_logger, name, failure);
                Environment.FailFast($"the thread for {name} failed", failure);
            }
        })
        { IsBackground = true, Name = $"fwredirect {name}" };
        _threads.Add(thread);
        thread.Start();
    }

    private void Undo(string what, Action undo)
    {
        try
        {
            undo();
        }
        catch (Exception failure)
        {
            ServiceLog.UndoFailed(_logger, what, failure.Message);
        }
    }
}
