namespace FwRedirect.ControlChannel.Session;

/// <summary>The session's deadlines in milliseconds, each with its reason.</summary>
public static class SessionTiming
{
    /// <summary>From the first byte to an open session: a logon against a busy domain controller takes seconds, not minutes.</summary>
    public const long SetupDeadline = 30_000;

    /// <summary>A request without a reply: longer than the firewall's own limit on a connect outside (10 s), so that its answer wins.</summary>
    public const long RequestDeadline = 15_000;

    /// <summary>Keep-alive intervals without a byte from the peer, after which it is taken for dead: two lost ones are bad luck.</summary>
    public const int SilentIntervals = 3;

    /// <summary>A keep-alive of a session that can be resumed without an answer: the connection is given up. It costs a new connection, so it need not be sure.</summary>
    public const long KeepAliveReplyDeadline = 5_000;

    /// <summary>A request without any word from the firewall: the client sends a keep-alive and looks whether the firewall is there. Many inside round trips.</summary>
    public const long SuspectAfter = 400;

    /// <summary>One try to resume, from its connection to the firewall's word; the next one begins anew. Room for a logon.</summary>
    public const long ResumeAttempt = 10_000;
}
