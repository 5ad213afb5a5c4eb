using FwRedirect.ControlChannel.Messages;
using FwRedirect.Redirector.Engine;

namespace FwRedirect.Redirector.Journeys;

/// <summary>What stands behind a UDP flow: the names of its mapping at the firewall, one or both.</summary>
internal sealed class PeerOwner(DatagramOwner socket)
{
    public DatagramOwner Socket { get; } = socket;

    /// <summary>What the flow has, or gets here. Under the gate.</summary>
    public static PeerOwner Of(Flow flow, DatagramOwner socket)
    {
        if (flow.Owner is PeerOwner known)
            return known;
        var owner = new PeerOwner(socket);
        flow.Owner = owner;
        return owner;
    }

    /// <summary>The id of the Connect; null where only the peer began.</summary>
    public ObjectId? Connect { get; set; }

    /// <summary>The firewall's number; 0 where only the program began.</summary>
    public uint FirewallMapping { get; set; }
}
