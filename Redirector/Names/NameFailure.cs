namespace FwRedirect.Redirector.Names;

/// <summary>Why a look-up gave no addresses.</summary>
internal enum NameFailure : byte
{
    /// <summary>The name does not exist: NXDOMAIN (WSAHOST_NOT_FOUND).</summary>
    NotFound,

    /// <summary>The name exists without addresses: NODATA (WSANO_DATA).</summary>
    NoData,

    /// <summary>Somebody could not answer: SERVFAIL (WSATRY_AGAIN, WSANO_RECOVERY, no firewall).</summary>
    Unavailable,

    /// <summary>The policy does not allow it.</summary>
    Refused,
}
