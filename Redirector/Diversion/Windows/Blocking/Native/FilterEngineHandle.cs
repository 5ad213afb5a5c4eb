using System.Runtime.Versioning;
using Microsoft.Win32.SafeHandles;

namespace FwRedirect.Redirector.Diversion.Windows.Blocking.Native;

/// <summary>The handle of a session; closing it ends the session.</summary>
[SupportedOSPlatform("windows")]
internal sealed class FilterEngineHandle() : SafeHandleZeroOrMinusOneIsInvalid(ownsHandle: true)
{
    protected override bool ReleaseHandle() => FilteringPlatform.Close(handle) == 0;
}
