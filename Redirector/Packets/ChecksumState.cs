namespace FwRedirect.Redirector.Packets;

/// <summary>
/// Which checksum fields of a packet hold a true value. A bit that is not set means "left to the network card": the field must be computed in full
/// before the packet is sent, an incremental update of it would be wrong. WinDivert: address flags 0x20, 0x40 and 0x80; NFQUEUE: NFQA_SKB_INFO bit 0.
/// </summary>
[Flags]
public enum ChecksumState : byte
{
    None = 0,
    IpHeader = 1,
    Transport = 2,
    Valid = IpHeader | Transport,

    /// <summary>
    /// The transport field holds the pseudo header's sum and the system computes the rest when it cuts the packet (Linux, a UDP packet of UDP_SEGMENT: its
    /// segments' checksums are made from that sum, so that a complete one would spoil them all).
    /// </summary>
    Partial = 4,
}
