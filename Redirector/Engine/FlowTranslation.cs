using FwRedirect.Redirector.Diversion;
using FwRedirect.Redirector.Packets;

namespace FwRedirect.Redirector.Engine;

/// <summary>The rewrite itself: one packet of a bound flow, in place.</summary>
internal static class FlowTranslation
{
    public static void Apply(FlowHalf half, Span<byte> packet, in PacketView view, ref DivertAddress address, long now)
    {
        var isOutbound = half.Direction == PacketDirection.Outbound;
        PacketEdit.Rewrite(packet, view, isOutbound ? PacketSide.Destination : PacketSide.Source, half.Rewrite, ref address.Checksums);
        if (half.Own is { } own)
        {
            PacketEdit.Rewrite(packet, view, isOutbound ? PacketSide.Source : PacketSide.Destination, own.Value, ref address.Checksums);
            half.Readdress(ref address);
        }
        half.Count(view.Length, address, now);
    }
}
