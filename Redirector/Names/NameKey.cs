namespace FwRedirect.Redirector.Names;

/// <summary>A name, in lower case, for one program: the firewall's policy may give two programs two answers.</summary>
internal readonly record struct NameKey(string Name, object? Program)
{
    public static NameKey Of(DnsQuery query, object? program) => new(query.Name.ToLowerInvariant(), program);
}
