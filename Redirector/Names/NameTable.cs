using FwRedirect.ControlChannel.Names;

namespace FwRedirect.Redirector.Names;

/// <summary>
/// Look-ups under way and answers that are still good. The A and AAAA questions of one name share one look-up, since Get host by name gives both; questions of other types share
/// one where all of them that concerns the answer is alike.
/// Pure: time is in milliseconds, monotonic. Not for several threads at once.
/// </summary>
internal sealed class NameTable
{
    private readonly Dictionary<NameKey, NameLookup> _lookups = [];
    private readonly Dictionary<long, NameLookup> _byId = [];
    private readonly Dictionary<NameKey, NameOutcome> _cache = [];
    private long _lastId;

    public int Lookups => _lookups.Count;

    public int Cached => _cache.Count;

    /// <param name="query">A question that is not for a local domain.</param>
    /// <param name="origin">Comes back with the answer.</param>
    /// <param name="program">On whose behalf; equal values share look-ups and answers.</param>
    /// <param name="answersIPv6">False while IPv6 is not redirected: an address that could not be reached must not be given out, be it from the cache.</param>
    /// <param name="now">Milliseconds.</param>
    public NameAskResult Ask(DnsQuery query, in NameQueryOrigin origin, object? program, bool answersIPv6, long now)
    {
        if (query.Refusal is { } refusal)
            return AnswerNow(DnsAnswer.Error(query, refusal));
        var key = NameKey.Of(query, program, answersIPv6);
        if (_cache.TryGetValue(key, out var outcome) && now < outcome.Expires)
            return AnswerNow(outcome.Answer(query, answersIPv6, now));
        if (_lookups.TryGetValue(key, out var lookup))
        {
            if (lookup.Waiting.Count >= NameLimits.MostWaiting)
                return AnswerNow(DnsAnswer.Error(query, DnsResponseCode.ServerFailure));
            lookup.Waiting.Add((query, origin, now + NameLimits.Deadline));
            return new NameAskResult(NameAskKind.Wait, null, lookup.Id, key.Kind);
        }
        if (_lookups.Count >= NameLimits.MostLookups)
            return AnswerNow(DnsAnswer.Error(query, DnsResponseCode.ServerFailure));
        lookup = new NameLookup(++_lastId, key, now);
        lookup.Waiting.Add((query, origin, now + NameLimits.Deadline));
        _lookups.Add(key, lookup);
        _byId.Add(lookup.Id, lookup);
        return new NameAskResult(NameAskKind.StartLookup, null, lookup.Id, key.Kind);
    }

    /// <summary>The firewall's host entry: all answers that were waited for. Empty for an id that is not known any more.</summary>
    /// <param name="id">From <see cref="Ask"/>.</param>
    /// <param name="host">What it found.</param>
    /// <param name="ttl">In seconds: how long the answer may be kept, here and by the program.</param>
    /// <param name="answersIPv6">As for <see cref="Ask"/>, now.</param>
    /// <param name="now">Milliseconds.</param>
    public IReadOnlyList<NameReply> Completed(long id, ResolvedHost host, uint ttl, bool answersIPv6, long now) =>
        Finish(id, new HostOutcome(host, Until(ttl, NameLimits.LongestCache, now)), answersIPv6, now);

    /// <summary>The names of an address: all answers that were waited for.</summary>
    public IReadOnlyList<NameReply> Completed(long id, IReadOnlyList<string> names, uint ttl, long now) =>
        Finish(id, new AddressOutcome(names, Until(ttl, NameLimits.LongestCache, now)), answersIPv6: true, now);

    /// <summary>A DNS server's own answer: all answers that were waited for. One that does not answer what was asked is "server failure".</summary>
    public IReadOnlyList<NameReply> Completed(long id, ReadOnlyMemory<byte> message, bool answersIPv6, long now)
    {
        if (!_byId.TryGetValue(id, out var lookup))
            return [];
        // Those that waited too long have been answered; the rest have the same question.
        if (lookup.Waiting is [var (first, _, _), ..] && !(first.IsAnsweredBy(message.Span) && DnsReply.IsWhole(message.Span)))
            return Failed(id, NameFailure.Unavailable, null, now);
        var kept = lookup.Waiting.Count == 0 || message.Length > NameLimits.LongestCachedMessage ? 0 : DnsReply.TimeToLive(message.Span);
        var isAbsence = kept > 0 && DnsReply.Answers(message.Span) == 0;
        return Finish(id, new MessageOutcome(message, now, Until(kept, isAbsence ? NameLimits.LongestNegativeCache : NameLimits.LongestCache, now)), answersIPv6, now);
    }

    /// <summary>The look-up failed: all answers that were waited for.</summary>
    /// <param name="authority">Where the firewall knows the zone in which the name is absent.</param>
    public IReadOnlyList<NameReply> Failed(long id, NameFailure failure, StartOfAuthority? authority, long now)
    {
        // An absent name is a fact for a while; a failure is worth another try at once.
        var expires = failure is not (NameFailure.NotFound or NameFailure.NoData) ? now
            : authority is null ? now + NameLimits.NegativeCache
            : Until(authority.NegativeTimeToLive, NameLimits.LongestNegativeCache, now);
        return Finish(id, new FailureOutcome(failure, authority, expires), answersIPv6: true, now);
    }

    /// <summary>Answers what has waited too long with SERVFAIL, and forgets what is past its time; about once a second.</summary>
    public IReadOnlyList<NameReply> Tick(long now)
    {
        List<NameReply> replies = [];
        foreach (var lookup in _lookups.Values.ToList())
        {
            foreach (var (query, origin, deadline) in lookup.Waiting)
            {
                if (now >= deadline)
                    replies.Add(new NameReply(origin, DnsAnswer.Error(query, DnsResponseCode.ServerFailure)));
            }
            lookup.Waiting.RemoveAll(waiting => now >= waiting.Deadline);
            if (now - lookup.Started >= NameLimits.Lookup && lookup.Waiting.Count == 0)
                Remove(lookup);
        }
        RemoveExpired(now);
        return replies;
    }

    private static NameAskResult AnswerNow(byte[] answer) => new(NameAskKind.AnswerNow, answer, 0, default);

    private static long Until(uint ttl, long most, long now) => now + Math.Min(ttl * 1000L, most);

    private IReadOnlyList<NameReply> Finish(long id, NameOutcome outcome, bool answersIPv6, long now)
    {
        if (!_byId.TryGetValue(id, out var lookup))
            return [];
        Remove(lookup);
        if (now < outcome.Expires)
            Keep(lookup.Key, outcome, now);
        return [.. lookup.Waiting.Select(waiting => new NameReply(waiting.Origin, outcome.Answer(waiting.Query, answersIPv6, now)))];
    }

    private void Keep(NameKey key, NameOutcome outcome, long now)
    {
        if (_cache.Count >= NameLimits.MostCached)
            RemoveExpired(now);
        if (_cache.Count >= NameLimits.MostCached)
            _cache.Remove(_cache.MinBy(entry => entry.Value.Expires).Key);
        _cache[key] = outcome;
    }

    private void Remove(NameLookup lookup)
    {
        _lookups.Remove(lookup.Key);
        _byId.Remove(lookup.Id);
    }

    private void RemoveExpired(long now)
    {
        foreach (var (key, outcome) in _cache)
        {
            if (now >= outcome.Expires)
                _cache.Remove(key);
        }
    }
}
