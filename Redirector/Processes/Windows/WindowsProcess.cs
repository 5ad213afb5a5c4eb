using System.Runtime.Versioning;
using FwRedirect.Redirector.Processes.Windows.Native;
using Microsoft.Win32.SafeHandles;

namespace FwRedirect.Redirector.Processes.Windows;

/// <summary>An open process; all that it shows is read at once.</summary>
[SupportedOSPlatform("windows")]
internal sealed unsafe class WindowsProcess : IWindowsProcess
{
    /// <summary>The longest path that Windows has, in characters.</summary>
    private const int LongestPath = 32_768;

    private readonly SafeProcessHandle _handle;
    private readonly WindowsLogon? _logon;

    public WindowsProcess(SafeProcessHandle handle)
    {
        _handle = handle;
        Path = ReadPath(handle);
        Created = ReadCreated(handle);
        _logon = WindowsLogon.Open(handle);
    }

    public DateTimeOffset Created { get; }

    public string? Path { get; }

    public string? User => _logon?.User;

    public IProcessIdentity? Identity => _logon;

    public bool HasExited => Kernel32.WaitForSingleObject(_handle, milliseconds: 0) == Kernel32.Signaled;

    public void Dispose()
    {
        _logon?.Dispose();
        _handle.Dispose();
    }

    private static string? ReadPath(SafeProcessHandle handle)
    {
        var name = new char[LongestPath];
        var length = (uint)name.Length;
        fixed (char* text = name)
            return Kernel32.QueryImageName(handle, flags: 0, text, &length) ? new string(text, 0, (int)length) : null;
    }

    /// <summary>The beginning of time where it is not told: such a process counts as older than any event.</summary>
    private static DateTimeOffset ReadCreated(SafeProcessHandle handle)
    {
        long creation, exit, kernel, user;
        return Kernel32.GetProcessTimes(handle, &creation, &exit, &kernel, &user) ? DateTimeOffset.FromFileTime(creation) : DateTimeOffset.MinValue;
    }
}
