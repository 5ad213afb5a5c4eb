using FwRedirect.ControlChannel.Names;

namespace FwRedirect.Redirector.Names;

/// <summary>What a look-up came to, and until when it may be told again.</summary>
/// <param name="Expires">In the table's milliseconds.</param>
internal abstract record NameOutcome(long Expires)
{
    /// <param name="query">What is answered.</param>
    /// <param name="answersIPv6">As it is now, which need not be as it was when the look-up was made.</param>
    /// <param name="now">Milliseconds.</param>
    public abstract byte[] Answer(DnsQuery query, bool answersIPv6, long now);

    /// <summary>Seconds for which whoever gets the answer now may keep it.</summary>
    protected uint Left(long now) => (uint)Math.Max(0, (Expires - now) / 1000);
}
