using System.Net.Sockets;
using FwRedirect.ControlChannel.Names;

namespace FwRedirect.Redirector.Names;

/// <summary>Answers to one query: its id and question byte for byte, recursion available, OPT where the query had one.</summary>
internal static class DnsAnswer
{
    /// <summary>A HOSTENT with more aliases than this is not a chain of CNAMEs but a list (a hosts file): the rest is left out.</summary>
    private const int MostAliases = 8;

    /// <summary>
    /// The addresses of the asked type, at the end of the chain of names that leads to them; no addresses of that type gives NODATA (RFC 2308, 2.2).
    /// What does not fit <see cref="DnsQuery.UdpSize"/> is left out and TC set, so that the resolver asks again over TCP.
    /// </summary>
    /// <param name="query">What is answered.</param>
    /// <param name="host">Names and addresses; a name that DNS could not carry is left out.</param>
    /// <param name="ttl">In seconds, for every record.</param>
    public static byte[] Addresses(DnsQuery query, ResolvedHost host, uint ttl)
    {
        var writer = new DnsAnswerWriter(query);
        var owner = DnsQuery.HeaderLength;
        foreach (var name in Chain(query, host))
            owner = writer.AddCanonicalName(owner, name, ttl);
        var family = query.Type switch
        {
            DnsType.A => AddressFamily.InterNetwork,
            DnsType.Aaaa => AddressFamily.InterNetworkV6,
            _ => AddressFamily.Unspecified,
        };
        foreach (var address in host.Addresses)
        {
            if (address.AddressFamily == family)
                writer.AddAddress(owner, query.Type, address, ttl);
        }
        return writer.Finish(DnsResponseCode.NoError);
    }

    /// <summary>The names of an address; one that DNS could not carry is left out.</summary>
    public static byte[] Pointers(DnsQuery query, IReadOnlyList<string> names, uint ttl)
    {
        var writer = new DnsAnswerWriter(query);
        foreach (var name in names)
        {
            if (DnsName.ToWire(name) is { Length: > 1 } wire)
                writer.AddPointer(wire, ttl);
        }
        return writer.Finish(DnsResponseCode.NoError);
    }

    /// <summary>The name does not exist, or has nothing of the asked type, with the zone that says so where it is known (RFC 2308).</summary>
    /// <param name="ttl">In seconds: how long that may be believed.</param>
    public static byte[] Absence(DnsQuery query, DnsResponseCode code, StartOfAuthority? authority, uint ttl)
    {
        var writer = new DnsAnswerWriter(query);
        if (authority is not null)
            writer.AddAuthority(authority, ttl);
        return writer.Finish(code);
    }

    /// <summary>The name exists, but has nothing of the asked type.</summary>
    public static byte[] NoData(DnsQuery query) => Error(query, DnsResponseCode.NoError);

    /// <summary>An answer without records.</summary>
    public static byte[] Error(DnsQuery query, DnsResponseCode code) => new DnsAnswerWriter(query).Finish(code);

    /// <summary>The targets of the CNAMEs, in order: aliases other than the asked name, then the canonical one. Empty where the asked name is canonical.</summary>
    private static List<byte[]> Chain(DnsQuery query, ResolvedHost host)
    {
        var chain = new List<byte[]>();
        var seen = new HashSet<string>(StringComparer.OrdinalIgnoreCase) { query.Name };
        var canonical = host.CanonicalName.TrimEnd('.');
        if (seen.Contains(canonical) || DnsName.ToWire(host.CanonicalName) is not { Length: > 1 } last)
            return chain;
        seen.Add(canonical);
        foreach (var alias in host.Aliases)
        {
            if (chain.Count < MostAliases && seen.Add(alias.TrimEnd('.')) && DnsName.ToWire(alias) is { Length: > 1 } name)
                chain.Add(name);
        }
        chain.Add(last);
        return chain;
    }
}
