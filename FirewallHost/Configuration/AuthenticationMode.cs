namespace FwRedirect.FirewallHost.Configuration;

/// <summary>Who may open a control channel.</summary>
internal enum AuthenticationMode
{
    /// <summary>Only who logs on.</summary>
    Required,

    /// <summary>A client may log on; rules can demand it.</summary>
    Optional,

    /// <summary>Nobody is asked; clients are known by their address only.</summary>
    None,
}
