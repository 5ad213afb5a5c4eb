using System.Runtime.Versioning;

namespace FwRedirect.Redirector.Processes.Windows;

/// <summary>Sizes and times of the look-up, each with its reason.</summary>
[SupportedOSPlatform("windows")]
internal static class ProcessLookupLimits
{
    /// <summary>For a CONNECT event that comes after its SYN. It is behind by microseconds where it is at all; what has not come by then was lost, or is older than the service.</summary>
    public static readonly TimeSpan EventWait = TimeSpan.FromMilliseconds(100);

    /// <summary>After a closed socket its FIN handshake follows: as long as Windows keeps a port in TIME_WAIT (120 s by default).</summary>
    public static readonly TimeSpan Linger = TimeSpan.FromMinutes(2);

    /// <summary>The token of a process that has ended: enough for a channel that is being opened for it, short because a token keeps its user's logon alive.</summary>
    public static readonly TimeSpan TokenKept = TimeSpan.FromSeconds(15);

    /// <summary>An event has the time of the performance counter, a process that of the system clock, which moves in steps of 15.6 ms.</summary>
    public static readonly TimeSpan ClockStep = TimeSpan.FromMilliseconds(20);

    public static readonly TimeSpan Sweep = TimeSpan.FromSeconds(5);

    /// <summary>All ports that TCP has, for one address; some 200 bytes each.</summary>
    public const int Sockets = 65_536;

    /// <summary>Each holds two handles. More programs than a terminal server runs at once.</summary>
    public const int Processes = 4_096;

    /// <summary>When a table is full, so much of it goes at once, the oldest: the search for them is then rare.</summary>
    public const int EvictedPart = 8;
}
