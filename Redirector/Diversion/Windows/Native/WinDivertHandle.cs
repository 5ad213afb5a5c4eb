using System.Runtime.InteropServices;
using System.Runtime.Versioning;

namespace FwRedirect.Redirector.Diversion.Windows.Native;

/// <summary>
/// A WinDivert handle that closes once no call uses it. WinDivertOpen answers -1 where the system refuses and 0 where the DLL has no memory.
/// </summary>
[SupportedOSPlatform("windows")]
internal sealed class WinDivertHandle : SafeHandle
{
    public WinDivertHandle() : base(-1, ownsHandle: true)
    {
    }

    public override bool IsInvalid => handle is 0 or -1;

    protected override bool ReleaseHandle() => WinDivertNative.Close(handle);
}
