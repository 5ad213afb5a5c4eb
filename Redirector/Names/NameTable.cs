using System.Net.Sockets;

namespace FwRedirect.Redirector.Names;

/// <summary>
/// Look-ups under way and answers that are still good. The A and AAAA questions of one name share one look-up, since Get host by name gives both.
/// Pure: time is in milliseconds, monotonic. Not for several threads at once.
/// </summary>
/// <param name="answerIPv6">False while IPv6 connections are not redirected: an address that could not be reached must not be given out.</param>
internal sealed class NameTable(bool answerIPv6)
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
    /// <param name="now">Milliseconds.</param>
    public NameAskResult Ask(DnsQuery query, in NameQueryOrigin origin, object? program, long now)
    {
        if (query.Class != DnsQuery.Internet || query.Type is not (DnsType.A or DnsType.Aaaa))
            return AnswerNow(DnsAnswer.Error(query, DnsResponseCode.NotImplemented));
        var key = NameKey.Of(query, program);
        if (_cache.TryGetValue(key, out var outcome) && now < outcome.Expires)
            return AnswerNow(outcome.Answer(query, now));
        if (_lookups.TryGetValue(key, out var lookup))
        {
            if (lookup.Waiting.Count >= NameLimits.MostWaiting)
                return AnswerNow(DnsAnswer.Error(query, DnsResponseCode.ServerFailure));
            lookup.Waiting.Add((query, origin, now + NameLimits.Deadline));
            return new NameAskResult(NameAskKind.Wait, null, lookup.Id);
        }
        if (_lookups.Count >= NameLimits.MostLookups)
            return AnswerNow(DnsAnswer.Error(query, DnsResponseCode.ServerFailure));
        lookup = new NameLookup(++_lastId, key, now);
        lookup.Waiting.Add((query, origin, now + NameLimits.Deadline));
        _lookups.Add(key, lookup);
        _byId.Add(lookup.Id, lookup);
        return new NameAskResult(NameAskKind.StartLookup, null, lookup.Id);
    }

    /// <summary>The firewall's host entry: all answers that were waited for. Empty for an id that is not known any more.</summary>
    /// <param name="id">From <see cref="Ask"/>.</param>
    /// <param name="host">What it found.</param>
    /// <param name="ttl">In seconds: how long the answer may be kept, here and by the program.</param>
    /// <param name="now">Milliseconds.</param>
    public IReadOnlyList<NameReply> Completed(long id, ResolvedHost host, uint ttl, long now)
    {
        var usable = answerIPv6
            ? host
            : host with { Addresses = [.. host.Addresses.Where(address => address.AddressFamily == AddressFamily.InterNetwork)] };
        return Finish(id, new NameOutcome(usable, default, now + Math.Min(ttl * 1000L, NameLimits.LongestCache)), now);
    }

    /// <summary>The look-up failed: all answers that were waited for.</summary>
    public IReadOnlyList<NameReply> Failed(long id, NameFailure failure, long now)
    {
        // An absent name is a fact for a while; a failure is worth another try at once.
        var kept = failure is NameFailure.NotFound or NameFailure.NoData ? NameLimits.NegativeCache : 0;
        return Finish(id, new NameOutcome(null, failure, now + kept), now);
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

    private static NameAskResult AnswerNow(byte[] answer) => new(NameAskKind.AnswerNow, answer, 0);

    private IReadOnlyList<NameReply> Finish(long id, NameOutcome outcome, long now)
    {
        if (!_byId.TryGetValue(id, out var lookup))
            return [];
        Remove(lookup);
        if (now < outcome.Expires)
            Keep(lookup.Key, outcome, now);
        return [.. lookup.Waiting.Select(waiting => new NameReply(waiting.Origin, outcome.Answer(waiting.Query, now)))];
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
