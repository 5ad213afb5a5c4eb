using FwRedirect.Redirector.Diversion;
using FwRedirect.Redirector.Packets;

namespace FwRedirect.Redirector.Engine;

/// <summary>
/// ICMP errors that quote a packet which we had rewritten (fragmentation needed or packet too big, unreachable, time exceeded). Inbound: the program's stack knows only the packet
/// as it sent it, so the quote is turned back (RFC 5508, REQ-4), or path MTU discovery would break. Outbound: this machine complains of a packet of the firewall
/// to whom it takes for the sender (REQ-5). Neither touches the flow (RFC 5382, REQ-10).
/// </summary>
internal static class IcmpError
{
    /// <summary>RFC 792: unreachable, time exceeded, parameter problem. RFC 4443: these, and packet too big.</summary>
    public static bool Is(in PacketView view) => view.Protocol switch
    {
        IpProtocol.Icmp => view.Transport[0] is 3 or 11 or 12,
        IpProtocol.IcmpV6 => view.Transport[0] is 1 or 2 or 3 or 4,
        _ => false,
    };

    /// <summary>False, with the packet untouched, where the quoted packet belongs to no flow that is translated.</summary>
    public static bool TryTranslate(Span<byte> packet, in PacketView view, FlowTable table, ref DivertAddress address)
    {
        if (!QuotedPacket.TryRead(packet[view.PayloadOffset..view.Length], out var quote) || quote.Source.IsIPv4 != view.IsIPv4 || !IsSound(view, address.Checksums) || !quote.IsSound)
            return false;
        // The quoted packet went the other way than the error: what came back to it would have the key of the error's own direction.
        if (!table.TryFind(new FlowKey(address.Direction, quote.Protocol, quote.Destination, quote.Source), out var half) || !half.Flow.Translates)
            return false;
        if (address.Direction == PacketDirection.Inbound)
            TurnBack(packet, view, quote, half, ref address);
        else
            TurnOut(packet, quote, half);
        address.Checksums = ChecksumState.None;
        PacketEdit.Complete(packet, view, ref address.Checksums);
        return true;
    }

    private static void TurnBack(Span<byte> packet, in PacketView view, in QuotedPacket quote, FlowHalf half, ref DivertAddress address)
    {
        quote.Put(PacketSide.Destination, half.Rewrite);
        // An error that the firewall itself sends comes, for the program, from its peer; a router in between stays who it is.
        if (view.Source.Address == half.Flow.Inside.Address)
            QuotedPacket.SetAddress(packet, PacketSide.Source, half.Rewrite.To);
        if (half.Own is not { } own)
            return;
        quote.Put(PacketSide.Source, own.Value);
        QuotedPacket.SetAddress(packet, PacketSide.Destination, own.Value.To);
        half.Readdress(ref address);
    }

    /// <summary>The outbound half's rewrites fit as they are: the quote's source is the peer, and so is the error's destination.</summary>
    private static void TurnOut(Span<byte> packet, in QuotedPacket quote, FlowHalf half)
    {
        quote.Put(PacketSide.Source, half.Rewrite);
        QuotedPacket.SetAddress(packet, PacketSide.Destination, half.Rewrite.To);
        if (half.Own is not { } own)
            return;
        quote.Put(PacketSide.Destination, own.Value);
        QuotedPacket.SetAddress(packet, PacketSide.Source, own.Value.To);
    }

    /// <summary>
    /// The checksums are computed anew, so a damaged error would come out whole (RFC 5508, REQ-3): it is left to the system, which knows no such packet.
    /// </summary>
    private static bool IsSound(in PacketView view, ChecksumState state) => (state & ChecksumState.Transport) == 0 || PacketEdit.IsTransportSound(view);
}
