namespace FwRedirect.ControlChannel.Authentication;

/// <summary>What one leg of an authentication came to.</summary>
public enum AuthenticationOutcome
{
    /// <summary>The peer's next token is awaited.</summary>
    Continue,

    /// <summary>This side is satisfied. Only the platform's status Completed leads here: after a wrong password Linux still reports IsAuthenticated.</summary>
    Completed,

    Failed,
}
