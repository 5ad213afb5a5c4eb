namespace FwRedirect.Redirector.Names;

/// <summary>What a look-up came to, and until when it may be told again.</summary>
/// <param name="Host">Null for a failure.</param>
/// <param name="Failure">Meaningful where there is no host.</param>
/// <param name="Expires">In the table's milliseconds.</param>
internal sealed record NameOutcome(ResolvedHost? Host, NameFailure Failure, long Expires)
{
    public byte[] Answer(DnsQuery query, long now)
    {
        if (Host is not null)
            return DnsAnswer.Addresses(query, Host, (uint)Math.Max(0, (Expires - now) / 1000));
        return Failure switch
        {
            NameFailure.NotFound => DnsAnswer.Error(query, DnsResponseCode.NameError),
            NameFailure.NoData => DnsAnswer.NoData(query),
            NameFailure.Refused => DnsAnswer.Error(query, DnsResponseCode.Refused),
            _ => DnsAnswer.Error(query, DnsResponseCode.ServerFailure),
        };
    }
}
