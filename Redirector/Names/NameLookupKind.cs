namespace FwRedirect.Redirector.Names;

/// <summary>How the firewall is asked.</summary>
internal enum NameLookupKind : byte
{
    /// <summary>Get host by name: A and AAAA.</summary>
    Host,

    /// <summary>Get host by address: PTR of a whole address.</summary>
    Address,

    /// <summary>DNS query: everything else, as it is.</summary>
    Message,
}
