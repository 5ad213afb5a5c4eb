using System.Runtime.InteropServices;
using System.Runtime.Versioning;

namespace FwRedirect.Redirector.Installation.Windows;

/// <summary>SC_ACTION (winsvc.h), 8 bytes.</summary>
[SupportedOSPlatform("windows")]
[StructLayout(LayoutKind.Sequential)]
internal struct FailureAction
{
    public const uint Restart = 1;

    public uint Type;

    /// <summary>In milliseconds.</summary>
    public uint Delay;
}
