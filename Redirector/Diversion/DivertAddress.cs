using FwRedirect.Redirector.Packets;

namespace FwRedirect.Redirector.Diversion;

/// <summary>
/// What a diverter says about one packet, and what it needs to send it on: the twin of WINDIVERT_ADDRESS.
/// An address that came from <see cref="IPacketDiverter.Receive"/> releases that packet when it is sent; a fresh one (<see cref="Id"/> 0) injects a new packet.
/// </summary>
public struct DivertAddress
{
    /// <summary>The diverter's own handle of a packet that waits for a verdict; 0 for a packet of our own. NFQUEUE: packet id and queue. WinDivert: not used by the driver.</summary>
    public ulong Id;

    /// <summary>When the diverter saw the packet, in <see cref="TimeProvider.GetTimestamp"/> ticks; 0 where it does not say.</summary>
    public long Timestamp;

    /// <summary>Interface of the packet; an inbound packet must be injected on the interface that its flow came from (WinDivert: IfIdx).</summary>
    public uint InterfaceIndex;

    /// <summary>WinDivert: SubIfIdx.</summary>
    public uint SubInterfaceIndex;

    /// <summary>Linux: the packet's firewall mark as it came; kept when it is sent on.</summary>
    public uint Mark;

    public PacketDirection Direction;

    public ChecksumState Checksums;

    /// <summary>
    /// The packet was to leave by the loopback interface, to an address that is none of this machine's: by our fallback route, which leads nowhere. What nobody
    /// rewrites is lost there.
    /// </summary>
    public bool Loopback;

    /// <summary>The packet is larger than a frame and the system will cut it (GSO, LSO).</summary>
    public bool Segmented;
}
