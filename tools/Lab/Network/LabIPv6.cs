namespace FwRedirect.Lab.Network;

/// <summary>Whether the lab has IPv6 too, in addresses of the documentation's own (RFC 3849).</summary>
public enum LabIPv6
{
    None,

    /// <summary>The client and the servers have it, and the machine between them routes it past fwhost, which has none: whatever is not kept back gets through.</summary>
    Router,

    /// <summary>All three have it, and nobody forwards it.</summary>
    Firewall,
}
