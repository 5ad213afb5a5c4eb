using System.Runtime.Versioning;
using FwRedirect.Redirector.Processes.Windows.Native;

namespace FwRedirect.Redirector.Processes.Windows;

/// <summary>The machine's processes, with the rights that even a protected process gives.</summary>
[SupportedOSPlatform("windows")]
internal sealed class WindowsProcesses : IWindowsProcesses
{
    public IWindowsProcess? Open(int id)
    {
        var handle = Kernel32.OpenProcess(Kernel32.QueryLimitedInformation | Kernel32.Synchronize, inheritHandle: 0, id);
        if (!handle.IsInvalid)
            return new WindowsProcess(handle);
        handle.Dispose();
        return null;
    }
}
