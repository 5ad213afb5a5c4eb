using System.Runtime.Versioning;

namespace FwRedirect.Redirector.Processes.Windows;

/// <summary>The processes of the machine.</summary>
[SupportedOSPlatform("windows")]
internal interface IWindowsProcesses
{
    /// <summary>Opens a process and reads what it shows; null where there is none with that id, or it may not be opened.</summary>
    IWindowsProcess? Open(int id);
}
