namespace FwRedirect.Redirector.Journeys;

/// <summary>Times of published sockets, each with its reason.</summary>
internal static class ListenLimits
{
    /// <summary>A port that was taken outside, or a firewall that was away: the server behind it is waited for by people, and one request in this time costs nothing.</summary>
    public static readonly TimeSpan Retry = TimeSpan.FromSeconds(5);

    /// <summary>After a policy said no: it changes when somebody changes it.</summary>
    public static readonly TimeSpan RetryRefused = TimeSpan.FromSeconds(60);

    /// <summary>After a binding was lost: a firewall that restarts is back in about so long.</summary>
    public static readonly TimeSpan RetryLost = TimeSpan.FromSeconds(1);

    /// <summary>How often the system's own list of listening sockets is looked at: for those that are older than the service, for changed settings, and for an event that was lost.</summary>
    public static readonly TimeSpan Review = TimeSpan.FromSeconds(5);
}
