namespace FwRedirect.Redirector.Firewall;

/// <summary>What is known of the way to a firewall.</summary>
internal enum ReachState
{
    /// <summary>Nothing was tried yet.</summary>
    Unknown,

    /// <summary>The last try made a connection.</summary>
    Reachable,

    /// <summary>The last try made none: decisions do not wait for it.</summary>
    Unreachable,
}
