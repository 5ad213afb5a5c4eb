using System.Net;
using FwRedirect.ControlChannel.Messages;
using FwRedirect.Redirector.Firewall;
using FwRedirect.Redirector.Processes;

namespace FwRedirect.Redirector.Journeys;

/// <summary>What stands behind a UDP socket of a program: who that is, and its object at the firewall.</summary>
internal sealed class DatagramOwner(ProcessInfo process, FirewallChannel channel, ObjectId id, IPEndPoint seenAs)
{
    public ProcessInfo Process { get; } = process;

    public FirewallChannel Channel { get; } = channel;

    /// <summary>The id of its Bind.</summary>
    public ObjectId Id { get; } = id;

    /// <summary>The program's endpoint as the firewall sees it.</summary>
    public IPEndPoint SeenAs { get; } = seenAs;

    /// <summary>The program as the firewall knows it, for the log.</summary>
    public string Application => Channel.Rws.Application;

    /// <summary>The answer to the Bind. Connects for its peers do not wait for it: they follow in the same stream.</summary>
    public Task<RwsMessage> Bound { get; set; } = Task.FromException<RwsMessage>(new InvalidOperationException("the Bind was not sent"));
}
