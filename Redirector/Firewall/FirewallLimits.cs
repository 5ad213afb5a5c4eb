namespace FwRedirect.Redirector.Firewall;

/// <summary>Times of the way to the firewall, each with its reason.</summary>
internal static class FirewallLimits
{
    /// <summary>
    /// A firewall on the inside network answers a SYN in milliseconds; one lost SYN (1 s) is forgiven. With <see cref="ControlChannel.Session.SessionTiming.SuspectAfter"/>
    /// before it a laptop away from it decides in under 2 s.
    /// </summary>
    public static readonly TimeSpan Dial = TimeSpan.FromMilliseconds(1200);

    /// <summary>
    /// From a connection to the firewall's first word on it, for which it has to ask nobody: a process that hangs has its system take connections. So short where a program waits, so that
    /// the two seconds hold; a firewall that takes longer counts as away until its word comes.
    /// </summary>
    public static readonly TimeSpan FirstWord = TimeSpan.FromSeconds(1);

    /// <summary>The same where nobody waits: a firewall that has just been started on a busy machine may take its time.</summary>
    public static readonly TimeSpan PatientWord = TimeSpan.FromMilliseconds(ControlChannel.Session.SessionTiming.SetupResponseDeadline);

    /// <summary>Set-up and logon; a domain controller may be slow.</summary>
    public static readonly TimeSpan Open = TimeSpan.FromSeconds(10);

    /// <summary>The first look for a firewall that is away: what was a moment's trouble is over at once.</summary>
    public static readonly TimeSpan FirstProbe = TimeSpan.FromMilliseconds(500);

    /// <summary>And the longest pause between two: a firewall that is back serves within so long, and a SYN each time burdens nobody.</summary>
    public static readonly TimeSpan LongestProbe = TimeSpan.FromSeconds(10);

    /// <summary>What is known of a firewall is looked at again after so long, when another one is dialled.</summary>
    public static readonly TimeSpan Fresh = TimeSpan.FromSeconds(10);

    /// <summary>After a failure no new try for so long: a burst of connects makes one attempt, and a restarted firewall is found at once.</summary>
    public static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    /// <summary>A start waits so long for the firewall's settings: a firewall that is there answers in a fraction of it, and one that is not shall not keep a machine from starting.</summary>
    public static readonly TimeSpan FirstSettings = TimeSpan.FromSeconds(3);

    /// <summary>After the channel that told of settings was lost, the next try; a firewall that is restarted takes about so long. Each further pause is twice as long.</summary>
    public static readonly TimeSpan FirstSettingsPause = TimeSpan.FromSeconds(2);

    /// <summary>While the firewall is away for long, a line in the log at most this often.</summary>
    public static readonly TimeSpan LongestSettingsPause = TimeSpan.FromMinutes(1);

    /// <summary>A channel without objects is closed after so long: most programs come back within it or never.</summary>
    public static readonly TimeSpan Idle = TimeSpan.FromMinutes(2);
}
