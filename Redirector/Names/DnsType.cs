namespace FwRedirect.Redirector.Names;

/// <summary>Record types that are read or written here (IANA DNS parameters).</summary>
internal static class DnsType
{
    public const ushort A = 1;
    public const ushort CanonicalName = 5;
    public const ushort Aaaa = 28;
    public const ushort Opt = 41;
}
