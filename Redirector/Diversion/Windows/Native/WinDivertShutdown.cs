using System.Runtime.Versioning;

namespace FwRedirect.Redirector.Diversion.Windows.Native;

/// <summary>WINDIVERT_SHUTDOWN: what a handle stops to do.</summary>
[SupportedOSPlatform("windows")]
internal enum WinDivertShutdown
{
    /// <summary>New packets pass by untouched; those that wait can still be read, then reading ends.</summary>
    Receive = 1,
    Send = 2,
    Both = 3,
}
