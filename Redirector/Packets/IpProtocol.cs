namespace FwRedirect.Redirector.Packets;

/// <summary>IP protocol numbers that the packet path knows (IANA).</summary>
internal static class IpProtocol
{
    /// <summary>Nothing that we look into: malformed, a fragment, or another protocol. 0 is hop-by-hop options in IPv6, never an upper layer.</summary>
    public const byte None = 0;
    public const byte Icmp = 1;
    public const byte Tcp = 6;
    public const byte Udp = 17;
    public const byte IcmpV6 = 58;
}
