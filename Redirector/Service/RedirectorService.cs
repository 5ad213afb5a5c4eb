using System.Diagnostics.CodeAnalysis;
using System.Net;
using System.Net.Sockets;
using FwRedirect.ControlChannel.Client;
using FwRedirect.ControlChannel.Messages;
using FwRedirect.ControlChannel.Session;
using FwRedirect.ControlChannel.Settings;
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
    private SettingsSubscription? _subscription;
    private FlowRules? _rules;
    private MergedSettings _settings = MergedSettings.OfFile(options);
    private ConnectJourney? _connects;
    private ListenJourney? _listens;
    private UdpJourney? _datagrams;
    private PingJourney? _pings;
    private IFlowJournal? _journal;
    private ITimer? _ticks;
    private ITimer? _reviews;
    private StatusServer? _status;
    private readonly Lock _networks = new();
    private List<LocalNetwork> _local = [];
    private LocalDestinations? _destinations;
    private IDisposable? _lift;
    private readonly Dictionary<AddressFamily, IDisposable?> _routes = [];
    private volatile bool _hasIPv6;
    private FirewallList? _firewalls;
    private bool _stopped;

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        try
        {
            Open(StartStep.Recovery, machine.Claim);
            if (Step(StartStep.Recovery, machine.Recover) is { } found)
                ServiceLog.Recovered(_logger, found);
            _firewalls = await FindFirewallsAsync();
            Step(StartStep.LocalNetworks, ReadLocalNetworks);
            _destinations = new LocalDestinations(_local, _firewalls.Endpoints);
            _rules = new FlowRules(_destinations, _settings.Rules, Environment.ProcessId);
            _journal = Open(StartStep.Recovery, machine.OpenJournal);
            Open(StartStep.Recovery, () => machine.StartGuard(options, _journal));
            _events = Open(StartStep.SocketEvents, () => machine.OpenSocketEvents(options))!;
            var processes = Open(StartStep.SocketEvents, () => machine.OpenProcessLookup(_events))!;
            Open(StartStep.Route, () => new LateRoutes(this));
            Step(StartStep.Route, AddFallbackRoutes);
            _diverter = Open(StartStep.Diversion, () => machine.OpenDiverter(options, _firewalls.Endpoints, _local))!;
            _lift = Step(StartStep.Diversion, () => machine.LiftBlock(options, _local));
            Run(_firewalls, processes);
            // Now that the service's own questions for names are answered: a logon asks some. What programs begin meanwhile waits.
            await _subscription!.StartAsync();
            _rules!.Open();
            Open(StartStep.LocalNetworks, () => machine.WatchNetworks(NetworksChanged));
            // A machine that boots has got its networks while all this was opened.
            RefreshLocalNetworks(firewallsMoved: false);
            ServiceLog.Ready(_logger, _firewalls.ToString(), options.WhenFirewallUnreachable);
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
        if (_reviews is not null)
            await _reviews.DisposeAsync();
        _listens?.Stop();
        // Whoever waits for a start that failed.
        _rules?.Open();
        // While packets are still read: the resets leave through the diverter, held SYNs are refused, and what comes from here on finds no channel.
        _connects?.Abort();
        _datagrams?.Abort();
        if (_channels is not null)
            await _channels.DisposeAsync();
        // Before the rules: a SYN that met our route and no rule would be swallowed, and its program wait for a minute and more. Without it, it hears at once that there is none.
        Undo("the fallback routes", RemoveFallbackRoutes);
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

    void IClientChannelHandler.SettingsChanged(RwsClientChannel channel, SettingsChanged changed) => _subscription!.Changed(channel, changed);

    void IClientChannelHandler.EchoAnswered(RwsClientChannel channel, RwsMessage answer) => _pings!.Take(channel, answer);

    void IClientChannelHandler.Closed(RwsClientChannel channel, Close close)
    {
        if (_datagrams!.Take(channel, close))
            return;
        if (close.FirewallMapping == 0 && close.Id.IsBoundSocket)
            _listens!.Forget(channel, close.Id, close.Reason.Length == 0 ? "the firewall closed it" : close.Reason);
        else
            _connects!.Abort(owner => owner.Channel.Rws == channel && owner.Id == close.Id && owner.FirewallMapping == close.FirewallMapping);
    }

    void IClientChannelHandler.Ended(RwsClientChannel channel, SessionEnd end)
    {
        ServiceLog.ChannelEnded(_logger, channel.Application, end);
        _subscription!.Ended(channel);
        _datagrams!.Forget(channel);
        _listens!.Forget(channel, id: null, end.Sentence);
        _connects!.Abort(owner => owner.Channel.Rws == channel);
    }

    /// <summary>What the firewall sets is in force for all that begins from here on.</summary>
    private void Apply(FirewallSettings settings, string name)
    {
        _settings = new MergedSettings(options, settings, name);
        _rules!.Replace(_settings.Rules);
        RefreshLocalNetworks(firewallsMoved: false);
    }

    private void Run(FirewallList firewalls, IProcessLookup processes)
    {
        var rules = _rules!;
        var engine = new GuardedEngine(new RedirectEngine(_destinations!), _diverter!, time);
        _channels = new FirewallChannels(options, firewalls, this, time, loggers.CreateLogger<FirewallChannels>())
        {
            ForcesCredentials = process => rules.SettingsOf(process).ForceCredentials,
            KillsOldSession = process => rules.SettingsOf(process).KillOldSession,
            Opened = channel => _subscription!.Opened(channel),
        };
        _subscription = new SettingsSubscription(process => _channels.GetAsync(process), Apply, time, loggers.CreateLogger<SettingsSubscription>());
        var unreachable = new UnreachablePolicy(options.WhenFirewallUnreachable, machine.HasDefaultRoute)
        {
            IPv6GoesDirect = options.WhenFirewallHasNoIPv6 == NoIPv6Treatment.Direct,
            IsIPv6Redirected = () => _hasIPv6 && firewalls.HasIPv6,
        };
        var names = new NameJourney(_diverter!, processes, _channels, rules, unreachable, time, loggers.CreateLogger<NameJourney>());
        _connects = new ConnectJourney(engine, processes, _channels, names, rules, unreachable, _journal, loggers.CreateLogger<ConnectJourney>());
        _datagrams = new UdpJourney(engine, processes, _channels, names, rules, unreachable, time, loggers.CreateLogger<UdpJourney>());
        _pings = new PingJourney(_diverter!, processes, _channels, names, rules, unreachable, time, loggers.CreateLogger<PingJourney>());
        var hold = new ListenHold(engine, _diverter!);
        _listens = new ListenJourney(_events!, _connects, _datagrams, hold, processes, _channels, rules, time, loggers.CreateLogger<ListenJourney>());
        var ipv6 = unreachable.IPv6GoesDirect ? null : new IPv6Refusal(_diverter!, _destinations!);
        var loop = new PacketLoop(_diverter!, engine, names, _pings, _listens, hold, ipv6, machine.CreateBatch);
        for (var queue = 0; queue < _diverter!.QueueCount; queue++)
        {
            var number = queue;
            StartThread($"packets {number}", () => loop.Run(number));
        }

        StartThread("socket events", _listens.Run);
        firewalls.Moved = () =>
        {
            AddFallbackRoutes();
            RefreshLocalNetworks(firewallsMoved: true);
        };
        _status = Step(StartStep.Status, () => OpenStatus(firewalls, engine, names, hold));
        _ticks = time.CreateTimer(_ => Tick(engine, names, hold), null, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(1));
        _reviews = time.CreateTimer(_ => Review(), null, TimeSpan.Zero, ListenLimits.Review);
    }

    /// <summary>Not on the ticks' own timer: it reads files.</summary>
    private void Review()
    {
        try
        {
            _listens!.Review();
        }
        catch (Exception failure)
        {
            ServiceLog.TickFailed(_logger, failure);
        }
    }

    private StatusServer? OpenStatus(FirewallList firewalls, GuardedEngine engine, NameJourney names, ListenHold hold)
    {
        var facts = new Dictionary<string, string> { ["firewall"] = string.Join(", ", options.Firewalls), ["whenFirewallUnreachable"] = options.WhenFirewallUnreachable.ToString() };
        // Parts of one system count where they have something to count.
        object?[] parts = [engine, hold, _listens, names, _pings, firewalls, _channels, _subscription, _journal, _diverter];
        return StatusServer.Open(
            options.StatusEndpoint, new RedirectorStatus(engine, _channels!, firewalls, _listens!, [.. parts.OfType<ICounted>()], facts, time), time, loggers.CreateLogger<StatusServer>());
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
            _firewalls!.Tick();
            _subscription!.Tick();
        }
        catch (Exception failure)
        {
            ServiceLog.TickFailed(_logger, failure);
        }
    }

    /// <summary>None of them need be there, nor have an address yet: the service starts, and looks again.</summary>
    private async Task<FirewallList> FindFirewallsAsync()
    {
        var firewalls = new FirewallList(options.Firewalls, time, loggers.CreateLogger<FirewallList>());
        await firewalls.ResolveAsync(CancellationToken.None);
        return firewalls;
    }

    /// <summary>For each IP version that a firewall has. True where one of them, or a route of the machine's own, is there.</summary>
    private bool AddFallbackRoutes()
    {
        lock (_networks)
            return !_stopped && _firewalls!.Endpoints.GroupBy(e => e.AddressFamily).ToList().FindAll(AddFallbackRoute).Count > 0;
    }

    /// <summary>By way of the first firewall that there is a way to. Where there is none now, there is no network: the next change of networks brings it.</summary>
    private bool AddFallbackRoute(IGrouping<AddressFamily, IPEndPoint> endpoints)
    {
        foreach (var endpoint in endpoints)
        {
            try
            {
                _routes[endpoints.Key] = machine.AddFallbackRoute(endpoint.Address) ?? _routes.GetValueOrDefault(endpoints.Key);
                return true;
            }
            catch (IOException failure)
            {
                ServiceLog.NoFallbackRoute(_logger, endpoint.Address, failure.Message);
            }
        }

        return false;
    }

    private void NetworksChanged()
    {
        AddFallbackRoutes();
        RefreshLocalNetworks(firewallsMoved: false);
        _firewalls!.Probe(networkChanged: true);
    }

    /// <summary>True where they are not those of before.</summary>
    private bool ReadLocalNetworks()
    {
        _hasIPv6 = machine.HasIPv6Address();
        IEnumerable<LocalNetwork> all =
            [.. LocalDestinations.Always, .. machine.LocalNetworks(), .. _settings.LocalAddresses];
        var (before, local) = (_local, all.DistinctBy(n => n.Network).ToList());
        foreach (var network in local.Except(before))
            ServiceLog.Local(_logger, network.Network, network.Source);
        foreach (var network in before.Except(local))
            ServiceLog.LocalNoMore(_logger, network.Network, network.Source);
        _local = local;
        return local.Count != before.Count || local.Except(before).Any();
    }

    /// <summary>An interface or a tunnel came or went, or a firewall has another address.</summary>
    private void RefreshLocalNetworks(bool firewallsMoved)
    {
        lock (_networks)
        {
            if (_stopped)
                return;
            try
            {
                if (!ReadLocalNetworks() && !firewallsMoved)
                    return;
                // The rules first: until the diverter is narrower, they let what became local pass.
                _destinations!.Replace(_local);
                _destinations.ReplaceControls(_firewalls!.Endpoints);
                machine.UpdateDiverter(_diverter!, options, _firewalls.Endpoints, _local);
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

    private void RemoveFallbackRoutes()
    {
        foreach (var route in _routes.Values)
            route?.Dispose();
        _routes.Clear();
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

    /// <summary>The fallback routes' place among what is undone, whenever they are made.</summary>
    private sealed class LateRoutes(RedirectorService service) : IDisposable
    {
        public void Dispose() => service.RemoveFallbackRoutes();
    }
}
