using FwRedirect.Redirector.Packets;

namespace FwRedirect.Redirector.Engine;

/// <summary>
/// A program's UDP socket, known by its endpoint, and the peers that it talks to: at the firewall it is one outside port, whatever the peer (RFC 4787, REQ-1).
/// Changed under the engine's gate.
/// </summary>
internal sealed class DatagramAssociation(PacketEndpoint client, long now)
{
    private readonly HashSet<Flow> _peers = [];

    /// <summary>The program's own endpoint.</summary>
    public PacketEndpoint Client { get; } = client;

    /// <summary>A flow for each peer; after the end, those that it had then.</summary>
    public IReadOnlyCollection<Flow> Peers => _peers;

    /// <summary>How it ended, <see cref="FlowEnd.None"/> while it lives.</summary>
    public FlowEnd End { get; internal set; }

    /// <summary>
    /// Whatever the caller wants to find again, to be set under its own lock. While it is null there is nothing at the firewall, and the association ends with its
    /// last peer; else it stays for <see cref="FlowLimits.AssociationIdle"/> more.
    /// </summary>
    public object? Owner { get; set; }

    /// <summary>The program waits on the socket: it stays without peers, and for as long as the caller says.</summary>
    public bool IsKept { get; set; }

    /// <summary>When its last peer went; meaningful while it has none.</summary>
    internal long EmptySince { get; private set; } = now;

    internal void Add(Flow flow) => _peers.Add(flow);

    internal void Remove(Flow flow, long now)
    {
        _peers.Remove(flow);
        EmptySince = now;
    }

    public override string ToString() => $"UDP of {Client}, {_peers.Count} peers";
}
