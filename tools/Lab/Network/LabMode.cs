namespace FwRedirect.Lab.Network;

/// <summary>How the client's traffic gets outside.</summary>
public enum LabMode
{
    /// <summary>Through fwredirect and fwhost: the firewall does not forward and the client has no route.</summary>
    Redirected,

    /// <summary>A plain router, seen from the servers' side too: proves that the servers and the tests themselves are right.</summary>
    Routed,

    /// <summary>A plain forwarding firewall with address translation: what the product's speed is compared with.</summary>
    Masqueraded,
}
