using FwRedirect.Redirector.Diversion;
using FwRedirect.Redirector.Engine;
using FwRedirect.Redirector.Packets;

namespace FwRedirect.Redirector.Journeys;

/// <summary>
/// What is nobody's here (a local name asked of a server, say) on a machine whose only way there is our fallback route: its program is told "network unreachable" at once, as it
/// would be without us, and does not wait for an answer from nowhere. The kernel says nothing itself: it makes no ICMP error for a route over lo.
/// </summary>
internal sealed class StrayPackets(IPacketDiverter diverter)
{
    /// <summary>True where the packet was answered; it goes no further then.</summary>
    public bool TryRefuse(ReadOnlySpan<byte> packet, in DivertAddress address)
    {
        if (!address.Loopback)
            return false;
        var view = new PacketView(packet);
        if (view.Protocol != IpProtocol.Udp && !ConnectAttempt.Is(view))
            return false;
        // A UDP socket hears only of what the kernel takes for final, which "network unreachable" is not; ENETUNREACH is the error of both.
        var reason = view.Protocol == IpProtocol.Udp ? UnreachableReason.NetworkProhibited : UnreachableReason.Network;
        diverter.Send(IcmpUnreachable.AnswerTo(view, reason), new DivertAddress
        {
            Direction = PacketDirection.Inbound,
            InterfaceIndex = address.InterfaceIndex,
            SubInterfaceIndex = address.SubInterfaceIndex,
            Checksums = ChecksumState.Valid,
        });
        return true;
    }
}
