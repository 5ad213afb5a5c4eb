using System.Runtime.InteropServices;

namespace FwRedirect.Lab.Execution;

/// <summary>kill(2): <see cref="System.Diagnostics.Process"/> knows SIGKILL only.</summary>
public static partial class PosixSignals
{
    public const int Kill = 9;
    public const int Terminate = 15;

    /// <summary>SIGCONT and SIGSTOP: a program that is stopped stays connected and answers nothing.</summary>
    public const int Continue = 18;
    public const int Stop = 19;

    /// <summary>False when there is no such process any more.</summary>
    public static bool Send(int processId, int signal)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(processId, 2); // 0, 1 and negative numbers mean other and whole groups of processes
        return SystemKill(processId, signal) == 0;
    }

    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    [LibraryImport("libc", EntryPoint = "kill", SetLastError = true)]
    private static partial int SystemKill(int processId, int signal);
}
