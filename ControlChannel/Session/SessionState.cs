namespace FwRedirect.ControlChannel.Session;

/// <summary>Where a session is, on either side; it only moves down this list.</summary>
public enum SessionState
{
    /// <summary>The setup request or its response is awaited.</summary>
    SettingUp,

    /// <summary>Tokens go to and fro.</summary>
    Authenticating,

    /// <summary>Requests may be made.</summary>
    Open,

    /// <summary>Over; nothing is sent or taken any more.</summary>
    Ended,
}
