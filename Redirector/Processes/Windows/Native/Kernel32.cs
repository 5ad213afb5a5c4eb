using System.Runtime.InteropServices;
using System.Runtime.Versioning;
using Microsoft.Win32.SafeHandles;

namespace FwRedirect.Redirector.Processes.Windows.Native;

/// <summary>Calls about a process that .NET makes only with more rights than a protected process gives.</summary>
[SupportedOSPlatform("windows")]
internal static unsafe partial class Kernel32
{
    /// <summary>PROCESS_QUERY_LIMITED_INFORMATION: image, times and token; given for protected processes too.</summary>
    public const uint QueryLimitedInformation = 0x1000;

    /// <summary>SYNCHRONIZE: to see that it has ended.</summary>
    public const uint Synchronize = 0x0010_0000;

    /// <summary>WAIT_OBJECT_0: the process has ended.</summary>
    public const uint Signaled = 0;

    private const string Library = "kernel32.dll";

    [LibraryImport(Library, EntryPoint = "OpenProcess", SetLastError = true)]
    public static partial SafeProcessHandle OpenProcess(uint access, int inheritHandle, int processId);

    /// <param name="length">In: characters that fit. Out: characters written, without the NUL.</param>
    [LibraryImport(Library, EntryPoint = "QueryFullProcessImageNameW", SetLastError = true)]
    [return: MarshalAs(UnmanagedType.Bool)]
    public static partial bool QueryImageName(SafeProcessHandle process, uint flags, char* name, uint* length);

    /// <summary>All four in 100 ns since 1601 (FILETIME).</summary>
    [LibraryImport(Library, EntryPoint = "GetProcessTimes", SetLastError = true)]
    [return: MarshalAs(UnmanagedType.Bool)]
    public static partial bool GetProcessTimes(SafeProcessHandle process, long* creation, long* exit, long* kernel, long* user);

    [LibraryImport(Library, EntryPoint = "WaitForSingleObject", SetLastError = true)]
    public static partial uint WaitForSingleObject(SafeProcessHandle process, uint milliseconds);
}
