using FwRedirect.Redirector.Diversion;
using FwRedirect.Redirector.Packets;

namespace FwRedirect.Redirector.Engine;

/// <summary>Packets that the engine itself sends to one of a flow's ends.</summary>
internal static class FlowAnswer
{
    /// <summary>Tells the program what became of its <paramref name="syn"/>, or datagram; null where it is told nothing.</summary>
    public static EngineAction? Refuse(ReadOnlySpan<byte> syn, in DivertAddress address, FlowRefusal refusal)
    {
        var view = new PacketView(syn);
        var answer = refusal switch
        {
            FlowRefusal.Reset when view.Protocol == IpProtocol.Udp => IcmpUnreachable.AnswerTo(view, UnreachableReason.Port),
            FlowRefusal.Reset => TcpReset.AnswerTo(view),
            FlowRefusal.HostUnreachable => IcmpUnreachable.AnswerTo(view, UnreachableReason.Host),
            FlowRefusal.NetworkUnreachable => IcmpUnreachable.AnswerTo(view, UnreachableReason.Network),
            FlowRefusal.PortUnreachable => IcmpUnreachable.AnswerTo(view, UnreachableReason.Port),
            FlowRefusal.NetworkProhibited => IcmpUnreachable.AnswerTo(view, UnreachableReason.NetworkProhibited),
            FlowRefusal.AdministrativelyProhibited => IcmpUnreachable.AnswerTo(view, UnreachableReason.AdministrativelyProhibited),
            _ => null,
        };
        return answer is null ? null : EngineAction.SendPacket(answer, Back(address));
    }

    /// <summary>An exact RST to whoever sent <paramref name="segment"/>.</summary>
    public static EngineAction Reset(in PacketView segment, in DivertAddress address) =>
        EngineAction.SendPacket(TcpReset.AnswerTo(segment), Back(address));

    /// <summary>
    /// Resets both ends of a TCP flow, as exactly as what was seen allows (RFC 5961, 3.2: only the very next sequence number is believed). Where it may be
    /// wrong, a bare ACK with a number that can not be right makes the stack answer with its real ones (RFC 9293, 3.10.7.4), and that gets an exact RST.
    /// </summary>
    public static void Cut(Flow flow, List<EngineAction> actions)
    {
        var program = flow.Outbound;
        var firewall = flow.Inbound;
        CutOne(flow.Peer, flow.Client, program, firewall, Toward(flow, PacketDirection.Inbound), actions);
        CutOne(flow.SeenAs, flow.Inside, firewall, program, Toward(flow, PacketDirection.Outbound), actions);
    }

    /// <param name="source">Whom <paramref name="receiver"/> takes for its peer.</param>
    /// <param name="destination">The end that is cut.</param>
    /// <param name="receiver">What that end has sent.</param>
    /// <param name="sender">What it was sent.</param>
    /// <param name="address">Where the packets go.</param>
    /// <param name="actions">Takes the packets.</param>
    private static void CutOne(
        PacketEndpoint source, PacketEndpoint destination, FlowHalf receiver, FlowHalf sender, in DivertAddress address, List<EngineAction> actions)
    {
        if (receiver.Acknowledges)
            Send(TcpSegment.Build(source, destination, receiver.Acknowledgement, 0, TcpFlags.Rst), address, actions);
        else if (receiver.Synchronized)
            Send(TcpSegment.Build(source, destination, 0, receiver.InitialSequence + 1, TcpFlags.Rst | TcpFlags.Ack), address, actions);
        // What was sent but not yet acknowledged will have arrived by then, if it was not lost.
        if (sender.Sequenced && !(receiver.Acknowledges && receiver.Acknowledgement == sender.NextSequence))
            Send(TcpSegment.Build(source, destination, sender.NextSequence, 0, TcpFlags.Rst), address, actions);
        if (receiver.Flow.CarriedElsewhere || !receiver.Acknowledges)
            Send(TcpSegment.Build(source, destination, 0, receiver.NextSequence, TcpFlags.Ack), address, actions);
    }

    private static void Send(byte[] packet, in DivertAddress address, List<EngineAction> actions) => actions.Add(EngineAction.SendPacket(packet, address));

    /// <summary>A fresh address the way that a packet came from.</summary>
    private static DivertAddress Back(in DivertAddress address) => new()
    {
        Direction = address.Direction == PacketDirection.Outbound ? PacketDirection.Inbound : PacketDirection.Outbound,
        InterfaceIndex = address.InterfaceIndex,
        SubInterfaceIndex = address.SubInterfaceIndex,
        Checksums = ChecksumState.Valid,
    };

    /// <summary>A fresh address for a packet of our own in <paramref name="direction"/>.</summary>
    public static DivertAddress Toward(Flow flow, PacketDirection direction)
    {
        // The interface that packets of the flow came in by; before the first of them, the one that the SYN was to leave by.
        var seen = flow.Inbound.Packets > 0 ? flow.Inbound : flow.Outbound;
        return new DivertAddress
        {
            Direction = direction,
            InterfaceIndex = seen.InterfaceIndex,
            SubInterfaceIndex = seen.SubInterfaceIndex,
            Checksums = ChecksumState.Valid,
        };
    }
}
