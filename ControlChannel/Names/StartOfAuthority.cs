namespace FwRedirect.ControlChannel.Names;

/// <summary>
/// The SOA record of the zone in which a name, or its records of the asked type, are absent (RFC 2308): with it a resolver knows for how long it may believe that.
/// </summary>
/// <param name="Zone">Its owner.</param>
/// <param name="PrimaryServer">MNAME.</param>
/// <param name="Mailbox">RNAME, the mailbox as a domain name.</param>
/// <param name="Minimum">In seconds: no absence is believed for longer.</param>
/// <param name="TimeToLive">Of the record, in seconds.</param>
public sealed record StartOfAuthority(
    string Zone, string PrimaryServer, string Mailbox, uint Serial, uint Refresh, uint Retry, uint Expire, uint Minimum, uint TimeToLive)
{
    /// <summary>RFC 2308, 5: seconds for which the absence may be believed.</summary>
    public uint NegativeTimeToLive => Math.Min(Minimum, TimeToLive);
}
