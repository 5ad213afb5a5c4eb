namespace FwRedirect.Redirector.Pings;

/// <summary>Times in milliseconds and sizes, each with its reason.</summary>
internal static class PingLimits
{
    /// <summary>How long an answer is waited for: RFC 5508, REQ-2, no less than 60 s. After as long a silence the run of echoes is over.</summary>
    public const long Lifetime = 60_000;

    /// <summary>Echo requests whose program and channel are being found: a flood (ping -f) is bounded here, the first ping of a program waits for its logon.</summary>
    public const int MostAsking = 256;

    /// <summary>Echo requests that wait for an answer, all programs together: the firewall's own quota (100 a second) for the lifetime. The oldest are forgotten.</summary>
    public const int MostWaiting = 8_192;

    /// <summary>Bytes of a request that are kept for an error's quote: RFC 792 wants the header and 64 bits; some programs look for their own mark behind it.</summary>
    public const int Quote = 128;
}
