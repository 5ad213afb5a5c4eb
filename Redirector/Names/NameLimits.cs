namespace FwRedirect.Redirector.Names;

/// <summary>Times in milliseconds and sizes of the name table, each with its reason.</summary>
internal static class NameLimits
{
    /// <summary>Resolvers give up on one server after 5 s (glibc) or less (Windows: 1 to 4 s); an answer that says "failed" is better than none.</summary>
    public const long Deadline = 5_000;

    /// <summary>A look-up that the firewall does not answer for this long is forgotten; its late result would be of no use to anyone.</summary>
    public const long Lookup = 30_000;

    /// <summary>Nothing is kept for longer, whatever its TTL: rules of the firewall change, and a name that it no longer knows can not be matched by them.</summary>
    public const long LongestCache = 60 * 60_000;

    /// <summary>RFC 2308, 5: absences are kept for as long as the SOA says, up to one to three hours; a wrong one is hard to get rid of, so less.</summary>
    public const long LongestNegativeCache = 15 * 60_000;

    /// <summary>"No such name" without an SOA is kept briefly: long enough for the twin question and the search list, short enough for a name that is just being made.</summary>
    public const long NegativeCache = 5_000;

    public const int MostLookups = 1_024;

    /// <summary>Queries that wait for one look-up: the twin question and some retransmissions of both.</summary>
    public const int MostWaiting = 32;

    public const int MostCached = 4_096;

    /// <summary>A relayed answer up to this long is kept: what fits a datagram, and the signed answers that do not; the cache stays below some 32 MiB.</summary>
    public const int LongestCachedMessage = 8_192;

    /// <summary>A program uses an address beyond its TTL: it looks up once at its start, or keeps a pool. The firewall itself remembers for a day.</summary>
    public const long SeenGrace = 60 * 60_000;

    /// <summary>Addresses whose names are known; the oldest go first.</summary>
    public const int MostSeen = 8_192;
}
