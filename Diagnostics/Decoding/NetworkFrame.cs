namespace FwRedirect.Diagnostics.Decoding;

/// <summary>A packet without its link-layer header.</summary>
/// <param name="EtherType">What the payload is; <see cref="Unknown"/> when the link layer does not say.</param>
/// <param name="Source">The sender's hardware address as text, or <c>-</c>.</param>
/// <param name="Destination">The receiver's.</param>
/// <param name="Payload">From the network header on; captured bytes only.</param>
internal readonly record struct NetworkFrame(int EtherType, string Source, string Destination, ReadOnlyMemory<byte> Payload)
{
    public const int Unknown = -1;
    public const int IPv4 = 0x0800;
    public const int Arp = 0x0806;
    public const int IPv6 = 0x86DD;
}
