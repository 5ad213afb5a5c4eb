namespace FwRedirect.Redirector.Configuration;

/// <summary>What is wrong with rules that are right one by one.</summary>
internal static class RuleCheck
{
    /// <summary>
    /// Rules that never decide, since one earlier rule takes all that they are for. Said only where it is certain: rules that no single one covers, but several together do, are not found.
    /// </summary>
    public static IEnumerable<(int At, RedirectionRule Earlier)> Shadowed(IReadOnlyList<RedirectionRule> rules)
    {
        for (var at = 1; at < rules.Count; at++)
        {
            if (rules.Take(at).FirstOrDefault(earlier => Covers(earlier, rules[at])) is { } shadow)
                yield return (at, shadow);
        }
    }

    private static bool Covers(RedirectionRule earlier, RedirectionRule later) =>
        (earlier.Applications.Count == 0 || earlier.Applications.Any(a => a.IsEveryProgram)
            || (later.Applications.Count > 0 && later.Applications.All(earlier.Applications.Contains)))
        && (earlier.Users.Count == 0 || earlier.Users.Contains("*") || (later.Users.Count > 0 && later.Users.All(earlier.Users.Contains)))
        && CoversDestination(earlier, later)
        && (earlier.Ports.IsEmpty || (!later.Ports.IsEmpty && earlier.Ports.Covers(later.Ports)))
        && (earlier.Protocols.Count == 0 || (later.Protocols.Count > 0 && later.Protocols.All(earlier.Protocols.Contains)));

    private static bool CoversDestination(RedirectionRule earlier, RedirectionRule later) =>
        !earlier.RestrictsDestination
        || (later.RestrictsDestination
            && later.Networks.All(network => earlier.Networks.Any(e => e.PrefixLength <= network.PrefixLength && e.Contains(network.BaseAddress)))
            && later.Names.All(name => earlier.Names.Any(e => CoversName(e, name))));

    private static bool CoversName(string earlier, string later) =>
        earlier.Equals(later, StringComparison.OrdinalIgnoreCase)
        || (earlier.StartsWith("*.", StringComparison.Ordinal) && later.EndsWith(earlier[1..], StringComparison.OrdinalIgnoreCase));
}
