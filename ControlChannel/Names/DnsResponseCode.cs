namespace FwRedirect.ControlChannel.Names;

/// <summary>RCODE (RFC 1035, 4.1.1; above 15 with the upper bits in the OPT record, RFC 6891, 6.1.3).</summary>
internal enum DnsResponseCode : byte
{
    NoError = 0,
    FormatError = 1,
    ServerFailure = 2,

    /// <summary>NXDOMAIN: the name does not exist, for any type.</summary>
    NameError = 3,

    NotImplemented = 4,
    Refused = 5,

    /// <summary>BADVERS: an EDNS version that is not spoken here.</summary>
    BadVersion = 16,
}
