namespace FwRedirect.Redirector.Journeys;

/// <summary>How it stands with a listening socket at the firewall.</summary>
internal enum ListenerState
{
    /// <summary>The firewall has been asked.</summary>
    Asking,

    /// <summary>The firewall listens for it.</summary>
    Listening,

    /// <summary>UDP: the firewall has bound it, and lets in whom its filtering lets in.</summary>
    Bound,

    /// <summary>It does not, and is asked again.</summary>
    Waiting,

    /// <summary>It does not, and is not asked again.</summary>
    NotListening,
}
