using System.Net;
using System.Runtime.Versioning;
using FwRedirect.Redirector.Configuration;
using FwRedirect.Redirector.Diversion;
using FwRedirect.Redirector.Diversion.Linux;
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
internal sealed class LinuxMachine(TimeProvider time) : IMachine
{
    /// <summary>The hidden verb of this program's own file that <see cref="GuardProcess.Run(ReadOnlySpan{string})"/> serves.</summary>
    public const string GuardVerb = "guard";

    private readonly string _journalPath = FlowJournal.DefaultPath();

    public string? Recover()
    {
        var found = File.Exists(_journalPath);
        var ended = NetworkRecovery.Run(_journalPath);
        return found ? $"rules, route and {ended} sockets" : null;
    }

    public IReadOnlyList<LocalNetwork> LocalNetworks() =>
        [.. Diversion.Linux.Rules.LocalNetworks.Read().Select(network => new LocalNetwork(network, "interface or route"))];

    public IDisposable? AddFallbackRoute(IPAddress firewall) => FallbackRoute.Install(firewall);

    public IFlowJournal? OpenJournal() => new FlowJournal(_journalPath);

    public IDisposable? StartGuard(RedirectorOptions options, IFlowJournal? journal) => GuardProcess.Start(
        Environment.ProcessPath!, [GuardVerb], (FlowJournal)journal!, keepRefusing: options.WhenFirewallUnreachable == UnreachableTreatment.Block);

    public ISocketEventSource OpenSocketEvents(RedirectorOptions options) => new SockOpsEvents(time, options.Cgroup);

    public IProcessLookup OpenProcessLookup(ISocketEventSource events) => new LinuxProcessLookup(((SockOpsEvents)events).Owners, time);

    public IPacketDiverter OpenDiverter(RedirectorOptions options, IPEndPoint firewall, IReadOnlyList<LocalNetwork> local) => new NfQueueDiverter(
        new NfQueueOptions(),
        new DiversionRuleOptions
        {
            FirewallAddresses = [firewall.Address],
            ControlPort = (ushort)firewall.Port,
            LocalDestinations = [.. local.Select(n => n.Network.ToString())],
            RefuseUnseen = options.WhenFirewallUnreachable == UnreachableTreatment.Block,
        },
        time);

    public PacketBatch CreateBatch() => NfQueueDiverter.CreateBatch();
}
