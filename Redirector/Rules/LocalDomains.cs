namespace FwRedirect.Redirector.Rules;

/// <summary>
/// Which names are looked up without the firewall: those without a dot, as the Firewall Client's default rule had it, those in a listed domain, and the
/// firewall's own: to ask the firewall where the firewall is would wait for itself.
/// </summary>
/// <param name="domains">As configured.</param>
/// <param name="firewallHost">The firewall's name as configured; an address does no harm.</param>
internal sealed class LocalDomains(IEnumerable<string> domains, string firewallHost)
{
    private readonly string[] _domains = [.. domains.Select(d => d.Trim('.'))];
    private readonly string _firewallHost = firewallHost.TrimEnd('.');

    /// <summary>Why <paramref name="name"/> is local, in words; null where it is not.</summary>
    public string? Why(string name)
    {
        name = name.TrimEnd('.');
        if (!name.Contains('.', StringComparison.Ordinal))
            return "a name without a dot";
        return OfFirewall(name) ?? Listed(name);
    }

    /// <summary>In words, where <paramref name="name"/> is the firewall's; else null.</summary>
    public string? OfFirewall(string name) => name.TrimEnd('.').Equals(_firewallHost, StringComparison.OrdinalIgnoreCase) ? "the firewall's own name" : null;

    /// <summary>The listed domain that <paramref name="name"/> is in, in words; null where there is none.</summary>
    public string? Listed(string name)
    {
        name = name.TrimEnd('.');
        foreach (var domain in _domains)
        {
            if (domain == "*" || IsIn(name, domain))
                return $"LocalDomains: {domain}";
        }

        return null;
    }

    private static bool IsIn(string name, string domain) =>
        name.EndsWith(domain, StringComparison.OrdinalIgnoreCase)
        && (name.Length == domain.Length || name[^(domain.Length + 1)] == '.');
}
