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
}
