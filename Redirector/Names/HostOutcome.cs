using FwRedirect.ControlChannel.Names;

namespace FwRedirect.Redirector.Names;

/// <summary>The firewall gave a host entry.</summary>
internal sealed record HostOutcome(ResolvedHost Host, long Expires) : NameOutcome(Expires)
{
    public override byte[] Answer(DnsQuery query, bool answersIPv6, long now) => DnsAnswer.Addresses(query, answersIPv6 ? Host : Host.WithoutIPv6(), Left(now));
}
