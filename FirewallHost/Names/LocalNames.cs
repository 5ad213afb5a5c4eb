using System.Net;
using FwRedirect.ControlChannel.Names;

namespace FwRedirect.FirewallHost.Names;

/// <summary>Names that are nobody's business outside: in a local domain, or of a local address.</summary>
internal sealed class LocalNames(IReadOnlyList<string> domains, IReadOnlyList<IPNetwork> addresses)
{
    /// <summary>Why <paramref name="name"/> is not asked outside, in words; null where it is.</summary>
    public string? Why(string name)
    {
        if (domains.FirstOrDefault(domain => IsIn(name, domain)) is { } local)
            return $"'{name}' is in the local domain {local}: the client's own DNS servers know it";
        return ReverseName.Address(name) is { } address ? Why(address) : null;
    }

    public string? Why(IPAddress address)
    {
        if (address.IsIPv4MappedToIPv6)
            address = address.MapToIPv4();
        foreach (var network in addresses)
        {
            if (network.Contains(address))
                return $"{address} is in the local addresses {network}: the client's own DNS servers know its name";
        }

        return null;
    }

    private static bool IsIn(string name, string domain) =>
        name.Equals(domain, StringComparison.OrdinalIgnoreCase)
        || (name.EndsWith(domain, StringComparison.OrdinalIgnoreCase) && name[..^domain.Length].EndsWith('.'));
}
