namespace FwRedirect.FirewallHost.Configuration;

/// <summary>Which keys a running firewall takes over, and which have changed in a file that was read again.</summary>
internal static class ReloadedKeys
{
    private static readonly string[] TakenOver = ["Applications", "ClientEntriesWin", "LocalAddresses", "LocalDomains", "Rules"];

    /// <summary><paramref name="now"/> as far as it is taken over; all else stays as it was.</summary>
    public static FirewallOptions Merge(FirewallOptions was, FirewallOptions now) => was with
    {
        Applications = now.Applications,
        ClientEntriesWin = now.ClientEntriesWin,
        LocalAddresses = now.LocalAddresses,
        LocalDomains = now.LocalDomains,
        Rules = now.Rules,
        Texts = now.Texts,
    };

    /// <summary>The keys that differ: those taken over, and those that need a restart.</summary>
    public static (IReadOnlyList<string> Replaced, IReadOnlyList<string> NeedRestart) Differences(FirewallOptions was, FirewallOptions now)
    {
        var changed = was.Texts.Keys.Union(now.Texts.Keys, StringComparer.OrdinalIgnoreCase)
            .Where(key => was.Texts.GetValueOrDefault(key) != now.Texts.GetValueOrDefault(key)).Order(StringComparer.Ordinal).ToArray();
        return (
            [.. changed.Where(key => TakenOver.Contains(key, StringComparer.OrdinalIgnoreCase))],
            [.. changed.Where(key => !TakenOver.Contains(key, StringComparer.OrdinalIgnoreCase))]);
    }
}
