namespace FwRedirect.Redirector.Engine;

/// <summary>How a flow ended; reported once for each flow.</summary>
internal enum FlowEnd : byte
{
    /// <summary>It has not.</summary>
    None,

    /// <summary>FIN both ways, both acknowledged.</summary>
    Closed,

    /// <summary>The program's side sent RST.</summary>
    ResetByProgram,

    /// <summary>The firewall's side sent RST.</summary>
    ResetByPeer,

    /// <summary>No packet for longer than <see cref="FlowLimits"/> allows in its state.</summary>
    Idle,

    /// <summary>The firewall refused the connection.</summary>
    Refused,

    /// <summary>Refused here: at the firewall it would look like another flow that lives.</summary>
    SourceInUse,

    /// <summary>Released to go without the firewall.</summary>
    Direct,

    /// <summary>No answer came within <see cref="FlowLimits.Pending"/>.</summary>
    Unanswered,

    /// <summary>The announced connection never came.</summary>
    Unused,

    /// <summary>Cut by <see cref="RedirectEngine.Abort"/>.</summary>
    Aborted,

    /// <summary>Its endpoints were taken into use by a new flow, so the old one must have ended unseen.</summary>
    Replaced,

    /// <summary>UDP: its place was needed, and it had not been used for longest.</summary>
    Evicted,

    /// <summary>UDP: the firewall gave it up, or the control channel ended.</summary>
    ByFirewall,

    /// <summary>Somebody who sees more than packets (socket event, kernel NAT) said that it ended.</summary>
    Outside,
}
