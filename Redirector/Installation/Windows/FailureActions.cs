using System.Runtime.InteropServices;
using System.Runtime.Versioning;

namespace FwRedirect.Redirector.Installation.Windows;

/// <summary>SERVICE_FAILURE_ACTIONSW (winsvc.h), 40 bytes in a 64-bit process.</summary>
[SupportedOSPlatform("windows")]
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct FailureActions
{
    /// <summary>Seconds without a failure after which counting begins anew.</summary>
    public uint ResetPeriod;

    public char* RebootMessage;
    public char* Command;
    public uint Count;
    public FailureAction* Actions;
}
