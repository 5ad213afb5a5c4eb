using System.Runtime.InteropServices;
using System.Runtime.Versioning;

namespace FwRedirect.Redirector.Diversion.Windows.Blocking.Native;

/// <summary>FWPM_FILTER_CONDITION0 (fwpmtypes.h), 40 bytes.</summary>
[StructLayout(LayoutKind.Sequential)]
[SupportedOSPlatform("windows")]
internal struct FilterCondition
{
    /// <summary>FWP_MATCH_EQUAL; an address "equals" a network that it is in.</summary>
    public const int Equal = 0;

    public Guid Field;
    public int Match;
    public FilterValue Value;
}
