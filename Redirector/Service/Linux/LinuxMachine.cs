using System.Net;
using System.Net.Sockets;
using System.Runtime.Versioning;
using FwRedirect.Redirector.Configuration;
using FwRedirect.Redirector.Diversion;
using FwRedirect.Redirector.Diversion.Linux;
using FwRedirect.Redirector.Diversion.Linux.Native;
using FwRedirect.Redirector.Diversion.Linux.Queues;
using FwRedirect.Redirector.Diversion.Linux.Recovery;
using FwRedirect.Redirector.Diversion.Linux.Rules;
using FwRedirect.Redirector.Diversion.Linux.SocketEvents;
using FwRedirect.Redirector.Processes;
using FwRedirect.Redirector.Processes.Linux;
using FwRedirect.Redirector.Rules;

namespace FwRedirect.Redirector.Service.Linux;

/// <summary>Linux: NFQUEUE, sock_ops, iptables, a route on lo, /proc. All of the network namespace that the service runs in.</summary>
[SupportedOSPlatform("linux")]
internal sealed class LinuxMachine : IMachine
{
    /// <summary>The hidden verb of this program's own file that <see cref="GuardProcess.Run(ReadOnlySpan{string})"/> serves.</summary>
    public const string GuardVerb = "guard";

    private readonly TimeProvider _time;
    private readonly string _journalPath;
    private readonly IReadOnlyList<string> _guard;

    /// <param name="time">For time stamps.</param>
    /// <param name="journalPath">Null: <see cref="FlowJournal.DefaultPath"/>.</param>
    /// <param name="guard">Program and first arguments of the guard; null: this program's own file and <see cref="GuardVerb"/>.</param>
    public LinuxMachine(TimeProvider time, string? journalPath = null, IReadOnlyList<string>? guard = null)
    {
        _time = time;
        _journalPath = journalPath ?? FlowJournal.DefaultPath();
        _guard = guard ?? [Environment.ProcessPath!, GuardVerb];
    }

    public IDisposable? Claim() => InstanceLock.Take(Path.ChangeExtension(_journalPath, ".lock"));

    public string? Recover()
    {
        var found = File.Exists(_journalPath);
        var ended = NetworkRecovery.Run(_journalPath);
        return found ? $"rules, route and {ended} sockets" : null;
    }

    public IReadOnlyList<LocalNetwork> LocalNetworks() =>
        [.. Diversion.Linux.Rules.LocalNetworks.Read().Select(network => new LocalNetwork(network, "interface or route"))];

    public IDisposable? WatchNetworks(Action changed) => new SettledChanges(_time, changed, AddressChangeNotice.Subscribe);

    public IFlowJournal? OpenJournal() => new FlowJournal(_journalPath);

    public IDisposable? StartGuard(RedirectorOptions options, IFlowJournal? journal) => GuardProcess.Start(
        _guard[0], _guard.Skip(1), (FlowJournal)journal!, keepRefusing: options.WhenFirewallUnreachable == UnreachableTreatment.Block);

    public void EndFlows(IFlowJournal journal) => NetworkRecovery.EndFlows(((FlowJournal)journal).FilePath);

    public ISocketEventSource OpenSocketEvents(RedirectorOptions options) => new SockOpsEvents(_time, options.Cgroup);

    public IProcessLookup OpenProcessLookup(ISocketEventSource events) => new LinuxProcessLookup(((SockOpsEvents)events).Owners, _time);

    public IDisposable? AddFallbackRoute(IPAddress firewall) => FallbackRoute.Install(firewall);

    public bool HasDefaultRoute(AddressFamily family) => DefaultRoute.Exists(family);

    public bool HasIPv6Address() => IPv6Stack.HasUsableAddress();

    public IPacketDiverter OpenDiverter(RedirectorOptions options, IReadOnlyList<IPEndPoint> firewalls, IReadOnlyList<LocalNetwork> local) => new NfQueueDiverter(
        new NfQueueOptions(),
        new DiversionRuleOptions
        {
            FirewallAddresses = [.. firewalls.Select(f => f.Address)],
            ControlPort = (ushort)options.Firewalls[0].Port,
            LocalDestinations = [.. local.Select(n => n.Network.ToString())],
            RefuseIPv6 = options.WhenFirewallHasNoIPv6 == NoIPv6Treatment.Block,
            RefuseUnseen = options.WhenFirewallUnreachable == UnreachableTreatment.Block,
        },
        _time);

    /// <summary>
    /// What became local is still queued and passes by the rules in user mode, so that redirected connections to it go on; what is local no longer is taken out of the chains.
    /// </summary>
    public void UpdateDiverter(IPacketDiverter diverter, RedirectorOptions options, IReadOnlyList<IPEndPoint> firewalls, IReadOnlyList<LocalNetwork> local) =>
        ((NfQueueDiverter)diverter).Update([.. firewalls.Select(f => f.Address)], [.. local.Select(n => n.Network.ToString())]);

    /// <summary>None: what a run leaves closed here, its guard leaves.</summary>
    public IDisposable? LiftBlock(RedirectorOptions options, IReadOnlyList<LocalNetwork> local) => null;

    public PacketBatch CreateBatch() => NfQueueDiverter.CreateBatch();
}
