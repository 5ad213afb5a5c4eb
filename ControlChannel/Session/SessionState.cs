namespace FwRedirect.ControlChannel.Session;

/// <summary>Where a session is, on either side; it moves down this list, but for a lost one, which is set up again.</summary>
public enum SessionState
{
    /// <summary>The setup request or its response is awaited.</summary>
    SettingUp,

    /// <summary>Tokens go to and fro.</summary>
    Authenticating,

    /// <summary>Set up and logged on over a new connection; the word on which session it is for is awaited.</summary>
    Resuming,

    /// <summary>Requests may be made.</summary>
    Open,

    /// <summary>Its connection is gone; what it holds is kept for the grace time.</summary>
    Lost,

    /// <summary>Over; nothing is sent or taken any more.</summary>
    Ended,
}
