namespace FwRedirect.Redirector.Configuration;

/// <summary>WhenFirewallUnreachable: what becomes of a program's new connections while no firewall answers.</summary>
internal enum UnreachableTreatment
{
    /// <summary>They fail at once.</summary>
    Block,

    /// <summary>They go their way as if there were no redirector.</summary>
    Direct,
}
