namespace FwRedirect.Redirector.Rules;

/// <summary>
/// Which names are looked up without the firewall: those without a dot, as the Firewall Client's default rule had it, and those in a listed domain.
/// </summary>
internal sealed class LocalDomains(IEnumerable<string> domains)
{
    private readonly string[] _domains = [.. domains.Select(d => d.Trim('.'))];

    /// <summary>Why <paramref name="name"/> is local, in words; null where it is not.</summary>
    public string? Why(string name)
    {
        name = name.TrimEnd('.');
        if (!name.Contains('.', StringComparison.Ordinal))
            return "a name without a dot";
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
