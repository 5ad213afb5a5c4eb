using System.Runtime.Versioning;

namespace FwRedirect.Redirector.Processes.Windows;

/// <summary>Tells accounts of people from those that only services have, by the first parts of the SID (MS-DTYP 2.4.2.4).</summary>
[SupportedOSPlatform("windows")]
internal static class PersonalAccounts
{
    /// <summary>
    /// Accounts of a domain or of this machine (S-1-5-21), and of Microsoft Entra ID (S-1-12-1). The rest is built in: LocalSystem (S-1-5-18), LocalService (19),
    /// NetworkService (20), service and pool accounts (S-1-5-80, 82), window and font drivers (90, 96).
    /// </summary>
    private static readonly string[] Beginnings = ["S-1-5-21-", "S-1-12-1-"];

    public static bool Includes(string sid) => Array.Exists(Beginnings, b => sid.StartsWith(b, StringComparison.Ordinal));
}
