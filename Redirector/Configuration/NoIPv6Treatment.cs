namespace FwRedirect.Redirector.Configuration;

/// <summary>WhenFirewallHasNoIPv6: what becomes of IPv6 that would go through the firewall, and can not.</summary>
internal enum NoIPv6Treatment
{
    /// <summary>It is refused at once, so that programs go on with IPv4; AAAA questions are answered without addresses.</summary>
    Block,

    /// <summary>It goes its way as if there were no redirector.</summary>
    Direct,
}
