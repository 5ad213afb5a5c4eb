using FwRedirect.ControlChannel.Messages;
using FwRedirect.Redirector.Firewall;
using FwRedirect.Redirector.Processes;

namespace FwRedirect.Redirector.Journeys;

/// <summary>What stands behind a flow: its program, and its object at the firewall.</summary>
internal sealed class FlowOwner(ProcessInfo process, FirewallChannel channel, ObjectId id)
{
    public ProcessInfo Process { get; } = process;

    public FirewallChannel Channel { get; } = channel;

    public ObjectId Id { get; } = id;

    /// <summary>The program as the firewall knows it, for the log.</summary>
    public string Application => Channel.Rws.Application;

    /// <summary>The firewall's number of the mapping; 0 for a connection that the program made.</summary>
    public uint FirewallMapping { get; init; }

    /// <summary>The flow's place in the journal; below 0 while it has none.</summary>
    public int JournalSlot { get; set; } = -1;
}
