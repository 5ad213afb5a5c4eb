using System.Runtime.CompilerServices;
using FwRedirect.Redirector.Diversion;
using FwRedirect.Redirector.Packets;

namespace FwRedirect.Redirector.Engine;

/// <summary>
/// One direction of a flow. Each direction is handled by one thread, and that thread alone writes here, without locks: whoever else reads may see
/// a value that is one packet old. An object of its own, so that the two threads do not share a cache line.
/// </summary>
internal sealed class FlowHalf(Flow flow, PacketDirection direction)
{
    private EndpointRewrite _rewrite;
    private StrongBox<EndpointRewrite>? _own;
    private bool _finished;

    public Flow Flow { get; } = flow;

    public PacketDirection Direction { get; } = direction;

    public FlowHalf Other => Direction == PacketDirection.Outbound ? Flow.Inbound : Flow.Outbound;

    /// <summary>How this direction's packets look as they come.</summary>
    public FlowKey Key { get; set; }

    /// <summary>Outbound: the peer becomes the inside endpoint, as destination. Inbound: the inside endpoint becomes the peer, as source.</summary>
    public ref readonly EndpointRewrite Rewrite => ref _rewrite;

    /// <summary>
    /// The same for the program's own end; null in nearly all flows, and boxed so that those do not carry it. Outbound: its address becomes the one that the
    /// firewall knows, as source. Inbound: back, as destination.
    /// </summary>
    public StrongBox<EndpointRewrite>? Own => _own;

    public long Packets { get; private set; }

    /// <summary>Bytes of IP packets, headers included.</summary>
    public long Bytes { get; private set; }

    public long LastActive { get; private set; }

    public uint InterfaceIndex { get; private set; }

    public uint SubInterfaceIndex { get; private set; }

    /// <summary>Sequence number of this direction's SYN; meaningful where <see cref="Synchronized"/>.</summary>
    public uint InitialSequence { get; set; }

    public bool Synchronized { get; set; }

    /// <summary>The highest sequence number that this direction sent, plus one; meaningful where <see cref="Sequenced"/>.</summary>
    public uint NextSequence { get; private set; }

    /// <summary>It has sent something else than resets.</summary>
    public bool Sequenced { get; private set; }

    /// <summary>The last acknowledgement number that this direction sent; meaningful where <see cref="Acknowledges"/>.</summary>
    public uint Acknowledgement { get; set; }

    public bool Acknowledges { get; set; }

    /// <summary>The sequence number after this direction's FIN; meaningful where <see cref="Finished"/>.</summary>
    public uint FinEnd { get; private set; }

    public bool Finished => Volatile.Read(ref _finished);

    /// <summary>Before the flow translates, and once.</summary>
    public void Bind(in EndpointRewrite rewrite) => _rewrite = rewrite;

    /// <summary>Before the flow translates, and once.</summary>
    public void BindOwn(in EndpointRewrite rewrite) => _own = new StrongBox<EndpointRewrite>(rewrite);

    /// <summary>
    /// Where a packet of a flow with an <see cref="Own"/> goes in: Windows takes a packet only at the interface that has its destination address (the strong
    /// host model, RFC 1122, 3.3.4.2), and the program's address is on the one that its SYN was to leave by.
    /// </summary>
    public void Readdress(ref DivertAddress address)
    {
        // A mapping's program has sent nothing before its first packet: there the packet stays where it came in.
        if (Direction != PacketDirection.Inbound || Flow.IsMapping)
            return;
        address.InterfaceIndex = Other.InterfaceIndex;
        address.SubInterfaceIndex = Other.SubInterfaceIndex;
    }

    public void Count(int length, in DivertAddress address, long now)
    {
        if (Packets == 0)
            See(address);
        Packets++;
        Bytes += length;
        LastActive = now;
    }

    /// <summary>Where this direction's first packet was seen.</summary>
    public void See(in DivertAddress address)
    {
        InterfaceIndex = address.InterfaceIndex;
        SubInterfaceIndex = address.SubInterfaceIndex;
    }

    /// <summary>A keep-alive or a retransmission is older than what was sent already.</summary>
    public void Advance(uint next)
    {
        if (Sequenced && (int)(next - NextSequence) <= 0)
            return;
        NextSequence = next;
        Sequenced = true;
    }

    public void Finish(uint end)
    {
        FinEnd = end;
        Volatile.Write(ref _finished, true);
    }
}
