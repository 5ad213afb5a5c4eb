using System.Globalization;

namespace FwRedirect.ControlChannel.Names;

/// <summary>Record types that are read, written or named here (IANA DNS parameters).</summary>
internal static class DnsType
{
    public const ushort A = 1;
    public const ushort CanonicalName = 5;
    public const ushort StartOfAuthority = 6;
    public const ushort Pointer = 12;
    public const ushort Aaaa = 28;
    public const ushort Opt = 41;

    /// <summary>TKEY, TSIG, IXFR, AXFR, MAILB, MAILA: asked of the server of a zone, not of a resolver.</summary>
    public static bool IsForZoneServers(ushort type) => type is >= 249 and <= 254;

    /// <summary>As dig prints it; TYPE and the number for the rest (RFC 3597, 5).</summary>
    public static string Text(ushort type) => type switch
    {
        A => "A",
        2 => "NS",
        CanonicalName => "CNAME",
        StartOfAuthority => "SOA",
        Pointer => "PTR",
        15 => "MX",
        16 => "TXT",
        Aaaa => "AAAA",
        33 => "SRV",
        35 => "NAPTR",
        43 => "DS",
        46 => "RRSIG",
        47 => "NSEC",
        48 => "DNSKEY",
        52 => "TLSA",
        64 => "SVCB",
        65 => "HTTPS",
        255 => "ANY",
        257 => "CAA",
        _ => string.Create(CultureInfo.InvariantCulture, $"TYPE{type}"),
    };
}
