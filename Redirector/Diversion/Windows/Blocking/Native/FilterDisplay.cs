using System.Runtime.InteropServices;
using System.Runtime.Versioning;

namespace FwRedirect.Redirector.Diversion.Windows.Blocking.Native;

/// <summary>FWPM_DISPLAY_DATA0: what tools show; the name must be there.</summary>
[StructLayout(LayoutKind.Sequential)]
[SupportedOSPlatform("windows")]
internal unsafe struct FilterDisplay
{
    public char* Name;
    public char* Description;
}
