using FwRedirect.ControlChannel.Names;

namespace FwRedirect.Redirector.Names;

/// <summary>A look-up under way and the queries that wait for it.</summary>
internal sealed class NameLookup(long id, NameKey key, long started)
{
    public long Id { get; } = id;

    public NameKey Key { get; } = key;

    public long Started { get; } = started;

    public List<(DnsQuery Query, NameQueryOrigin Origin, long Deadline)> Waiting { get; } = [];
}
