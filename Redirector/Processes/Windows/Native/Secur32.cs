using System.Runtime.InteropServices;
using System.Runtime.Versioning;

namespace FwRedirect.Redirector.Processes.Windows.Native;

/// <summary>The logon sessions of the machine.</summary>
[SupportedOSPlatform("windows")]
internal static unsafe partial class Secur32
{
    /// <summary>STATUS_NO_SUCH_LOGON_SESSION: its user has logged off, and the last token of it is closed.</summary>
    public const uint NoSuchLogonSession = 0xC000_005F;

    private const string Library = "secur32.dll";

    /// <returns>NTSTATUS.</returns>
    [LibraryImport(Library, EntryPoint = "LsaGetLogonSessionData")]
    public static partial uint GetLogonSessionData(ulong* logonSession, void** data);

    [LibraryImport(Library, EntryPoint = "LsaFreeReturnBuffer")]
    public static partial uint FreeReturnBuffer(void* buffer);
}
