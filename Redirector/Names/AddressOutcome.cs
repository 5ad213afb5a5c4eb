using FwRedirect.ControlChannel.Names;

namespace FwRedirect.Redirector.Names;

/// <summary>The firewall gave the names of an address.</summary>
internal sealed record AddressOutcome(IReadOnlyList<string> Names, long Expires) : NameOutcome(Expires)
{
    public override byte[] Answer(DnsQuery query, bool answersIPv6, long now) => DnsAnswer.Pointers(query, Names, Left(now));
}
