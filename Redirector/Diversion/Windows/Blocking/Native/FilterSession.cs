using System.Runtime.InteropServices;
using System.Runtime.Versioning;

namespace FwRedirect.Redirector.Diversion.Windows.Blocking.Native;

/// <summary>FWPM_SESSION0 (fwpmtypes.h), 72 bytes. Zero is the default of every field.</summary>
[StructLayout(LayoutKind.Sequential)]
[SupportedOSPlatform("windows")]
internal unsafe struct FilterSession
{
    /// <summary>FWPM_SESSION_FLAG_DYNAMIC.</summary>
    public const uint Dynamic = 1;

    public Guid Key;
    public FilterDisplay Display;
    public uint Flags;
    public uint TransactionWait;
    public uint ProcessId;
    public void* Sid;
    public char* UserName;
    public int KernelMode;
}
