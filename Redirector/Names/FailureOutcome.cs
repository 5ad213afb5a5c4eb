using FwRedirect.ControlChannel.Names;

namespace FwRedirect.Redirector.Names;

/// <summary>There was nothing to be had.</summary>
/// <param name="Authority">The zone that says so, where it is known.</param>
internal sealed record FailureOutcome(NameFailure Failure, StartOfAuthority? Authority, long Expires) : NameOutcome(Expires)
{
    public override byte[] Answer(DnsQuery query, bool answersIPv6, long now) => Failure switch
    {
        NameFailure.NotFound => DnsAnswer.Absence(query, DnsResponseCode.NameError, Authority, Left(now)),
        NameFailure.NoData => DnsAnswer.Absence(query, DnsResponseCode.NoError, Authority, Left(now)),
        NameFailure.Refused => DnsAnswer.Error(query, DnsResponseCode.Refused),
        _ => DnsAnswer.Error(query, DnsResponseCode.ServerFailure),
    };
}
