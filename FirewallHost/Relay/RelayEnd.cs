namespace FwRedirect.FirewallHost.Relay;

/// <summary>Every way that a relay can end. The first reason counts: what follows is its consequence.</summary>
internal enum RelayEnd
{
    /// <summary>Not yet.</summary>
    None,

    /// <summary>Both sides have said that they send no more (FIN), and every byte has been delivered.</summary>
    Completed,

    /// <summary>One side reset its connection (RST), or took no more bytes; the other has been reset.</summary>
    Reset,

    /// <summary>One side went silent: its system no longer acknowledged data or keep-alive probes. The other has been reset.</summary>
    Lost,

    /// <summary>Reading or writing failed for another reason; both have been reset.</summary>
    Failed,

    /// <summary>The control session that the connection belonged to ended; both have been reset.</summary>
    SessionEnded,
}
