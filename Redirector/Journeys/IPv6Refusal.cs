using System.Buffers.Binary;
using FwRedirect.ControlChannel.Names;
using FwRedirect.Redirector.Diversion;
using FwRedirect.Redirector.Engine;
using FwRedirect.Redirector.Packets;

namespace FwRedirect.Redirector.Journeys;

/// <summary>
/// IPv6 to what is not local that is neither redirected nor may pass: what can not be read (a routing header leads elsewhere than it says; a fragment has no ports), and what goes to a
/// name server's port and is no question for a name. Whatever else may pass has been decided on before.
/// </summary>
internal sealed class IPv6Refusal(IPacketDiverter diverter, IDestinationRules rules)
{
    private const ushort DnsPort = 53;
    private const int DestinationAt = 24;

    /// <summary>On the packet path: true where the packet is refused; it goes no further then.</summary>
    public bool TryTake(ReadOnlySpan<byte> packet, in DivertAddress address)
    {
        if (address.Direction != PacketDirection.Outbound || packet.Length < 40 || packet[0] >> 4 != 6)
            return false;
        var view = new PacketView(packet);
        // A question for a name that was let pass is one for a local name: it goes to the server that it was sent to.
        var isStranger = view is { Protocol: IpProtocol.Udp, Destination.Port: DnsPort } && !DnsQuery.TryParse(view.PayloadBytes, out _);
        if (!isStranger && view.Protocol != IpProtocol.None)
            return false;
        if (rules.IsLocal(new PacketEndpoint(BinaryPrimitives.ReadUInt128BigEndian(packet[DestinationAt..]), 0)))
            return false;
        if (isStranger)
        {
            diverter.Send(IcmpUnreachable.AnswerTo(view, UnreachableReason.AdministrativelyProhibited), new DivertAddress
            {
                Direction = PacketDirection.Inbound,
                InterfaceIndex = address.InterfaceIndex,
                SubInterfaceIndex = address.SubInterfaceIndex,
                Checksums = ChecksumState.Valid,
            });
        }

        return true;
    }
}
