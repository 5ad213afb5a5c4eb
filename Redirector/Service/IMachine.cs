using System.Net;
using System.Net.Sockets;
using FwRedirect.Redirector.Configuration;
using FwRedirect.Redirector.Diversion;
using FwRedirect.Redirector.Processes;
using FwRedirect.Redirector.Rules;

namespace FwRedirect.Redirector.Service;

/// <summary>The machine that the service runs on: everything that one system does in its own way. What a method changes on it, disposing the result undoes.</summary>
internal interface IMachine
{
    /// <summary>Takes the machine for this run; an error that names the other where one runs already.</summary>
    IDisposable? Claim();

    /// <summary>Undoes what a killed run left behind; in words what was found, null where nothing was.</summary>
    string? Recover();

    IReadOnlyList<LocalNetwork> LocalNetworks();

    /// <summary>Calls <paramref name="changed"/>, on any thread, when <see cref="LocalNetworks"/> may have become others.</summary>
    IDisposable? WatchNetworks(Action changed);

    IFlowJournal? OpenJournal();

    /// <summary>Starts whatever cleans up when this process is killed.</summary>
    IDisposable? StartGuard(RedirectorOptions options, IFlowJournal? journal);

    /// <summary>
    /// Ends each program's socket that the journal still names. For a stop in order, when the packets are no longer read: a program that only reads would
    /// else wait for ever, since nobody rewrites its answers.
    /// </summary>
    void EndFlows(IFlowJournal journal);

    ISocketEventSource OpenSocketEvents(RedirectorOptions options);

    IProcessLookup OpenProcessLookup(ISocketEventSource events);

    /// <summary>A default route of the firewall's IP version where the machine has none of it: without one no packet exists that could be diverted. Again: where it has gone with its network, it is made anew.</summary>
    /// <exception cref="IOException">There is no way to <paramref name="firewall"/>.</exception>
    IDisposable? AddFallbackRoute(IPAddress firewall);

    /// <summary>Whether what is not redirected would find a way: a default route that is not our own.</summary>
    bool HasDefaultRoute(AddressFamily family);

    /// <summary>Whether the machine has an IPv6 address that is good beyond a link.</summary>
    bool HasIPv6Address();

    IPacketDiverter OpenDiverter(RedirectorOptions options, IReadOnlyList<IPEndPoint> firewalls, IReadOnlyList<LocalNetwork> local);

    /// <summary>Fits what an open diverter takes out to other local networks and other addresses of the firewalls.</summary>
    void UpdateDiverter(IPacketDiverter diverter, RedirectorOptions options, IReadOnlyList<IPEndPoint> firewalls, IReadOnlyList<LocalNetwork> local);

    /// <summary>Lifts the block that stands while no redirector runs (WhenNotRunning), once this one diverts; it stands again when the result is disposed of.</summary>
    IDisposable? LiftBlock(RedirectorOptions options, IReadOnlyList<LocalNetwork> local);

    /// <summary>A batch that fits the diverter's way of filling it.</summary>
    PacketBatch CreateBatch();
}
