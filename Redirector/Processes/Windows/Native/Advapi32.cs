using System.Runtime.InteropServices;
using System.Runtime.Versioning;
using Microsoft.Win32.SafeHandles;

namespace FwRedirect.Redirector.Processes.Windows.Native;

/// <summary>A process's token, and one made from it that a thread may put on.</summary>
[SupportedOSPlatform("windows")]
internal static unsafe partial class Advapi32
{
    public const uint TokenDuplicate = 0x0002;
    public const uint TokenImpersonate = 0x0004;
    public const uint TokenQuery = 0x0008;

    /// <summary>SecurityImpersonation: on this machine as that user; over the network with what the user's logon has.</summary>
    public const int SecurityImpersonation = 2;

    /// <summary>TOKEN_TYPE.</summary>
    public const int ImpersonationToken = 2;

    /// <summary>TOKEN_INFORMATION_CLASS: a <see cref="TokenStatistics"/>.</summary>
    public const int StatisticsClass = 10;

    private const string Library = "advapi32.dll";

    [LibraryImport(Library, EntryPoint = "OpenProcessToken", SetLastError = true)]
    [return: MarshalAs(UnmanagedType.Bool)]
    public static partial bool OpenProcessToken(SafeProcessHandle process, uint access, out SafeAccessTokenHandle token);

    [LibraryImport(Library, EntryPoint = "DuplicateTokenEx", SetLastError = true)]
    [return: MarshalAs(UnmanagedType.Bool)]
    public static partial bool DuplicateToken(
        SafeAccessTokenHandle token, uint access, void* attributes, int impersonationLevel, int tokenType, out SafeAccessTokenHandle duplicate);

    [LibraryImport(Library, EntryPoint = "GetTokenInformation", SetLastError = true)]
    [return: MarshalAs(UnmanagedType.Bool)]
    public static partial bool GetTokenInformation(SafeAccessTokenHandle token, int informationClass, void* information, uint length, uint* needed);
}
