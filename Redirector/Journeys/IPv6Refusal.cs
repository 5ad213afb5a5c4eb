using System.Buffers.Binary;
using FwRedirect.ControlChannel.Names;
using FwRedirect.Redirector.Diversion;
using FwRedirect.Redirector.Engine;
using FwRedirect.Redirector.Packets;

namespace FwRedirect.Redirector.Journeys;

/// <summary>
/// UDP and pings of IPv6 to what is not local: nothing redirects them, and they are not to pass by the firewall. Told at once ("administratively prohibited", RFC 4443, 3.1), a program goes on with IPv4.
/// Connections are the engine's, and questions for names have been answered.
/// </summary>
internal sealed class IPv6Refusal(IPacketDiverter diverter, IDestinationRules rules)
{
    private const ushort DnsPort = 53;
    private const byte EchoRequest = 128;
    private const int DestinationAt = 24;

    /// <summary>On the packet path: true where the packet is refused; it goes no further then.</summary>
    public bool TryTake(ReadOnlySpan<byte> packet, in DivertAddress address)
    {
        if (address.Direction != PacketDirection.Outbound || packet.Length < 40 || packet[0] >> 4 != 6)
            return false;
        var view = new PacketView(packet);
        // A question for a name that was let pass is one for a local name: it goes to the server that it was sent to.
        if (view is { Protocol: IpProtocol.Udp, Destination.Port: DnsPort } && DnsQuery.TryParse(view.PayloadBytes, out _))
            return false;
        var isAnswered = view.Protocol == IpProtocol.Udp || (view.Protocol == IpProtocol.IcmpV6 && view.Transport[0] == EchoRequest);
        // What can not be read (a routing header, say) came here as one of these, or as TCP that the engine could not read either.
        if (!isAnswered && view.Protocol != IpProtocol.None)
            return false;
        if (rules.IsLocal(new PacketEndpoint(BinaryPrimitives.ReadUInt128BigEndian(packet[DestinationAt..]), 0)))
            return false;
        if (isAnswered)
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
