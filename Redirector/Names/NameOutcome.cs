using FwRedirect.ControlChannel.Names;

namespace FwRedirect.Redirector.Names;

/// <summary>What a look-up came to, and until when it may be told again.</summary>
/// <param name="Expires">In the table's milliseconds.</param>
internal abstract record NameOutcome(long Expires)
{
    public abstract byte[] Answer(DnsQuery query, long now);

    /// <summary>Seconds for which whoever gets the answer now may keep it.</summary>
    protected uint Left(long now) => (uint)Math.Max(0, (Expires - now) / 1000);
}
