namespace FwRedirect.Redirector.Names;

/// <summary>Times in milliseconds and sizes of the name table, each with its reason.</summary>
internal static class NameLimits
{
    /// <summary>Resolvers give up on one server after 5 s (glibc) or less (Windows: 1 to 4 s); an answer that says "failed" is better than none.</summary>
    public const long Deadline = 5_000;

    /// <summary>A look-up that the firewall does not answer for this long is forgotten; its late result would be of no use to anyone.</summary>
    public const long Lookup = 30_000;

    /// <summary>The firewall's HOSTENT has no lifetime of its own, so what the caller says is not believed for longer than this.</summary>
    public const long LongestCache = 5 * 60_000;

    /// <summary>"No such name" is kept briefly: long enough for the twin question and the search list, short enough for a name that is just being made.</summary>
    public const long NegativeCache = 5_000;

    public const int MostLookups = 1_024;

    /// <summary>Queries that wait for one look-up: the twin question and some retransmissions of both.</summary>
    public const int MostWaiting = 32;

    public const int MostCached = 4_096;
}
