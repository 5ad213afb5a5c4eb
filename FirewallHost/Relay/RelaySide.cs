namespace FwRedirect.FirewallHost.Relay;

/// <summary>Who a relay's end is laid to.</summary>
internal enum RelaySide
{
    /// <summary>The client's program.</summary>
    Inside,

    /// <summary>The server, or whoever connected from outside.</summary>
    Outside,

    /// <summary>The firewall itself.</summary>
    Firewall,
}
