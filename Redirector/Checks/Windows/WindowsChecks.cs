using System.Runtime.Versioning;
using FwRedirect.Redirector.Configuration;
using FwRedirect.Redirector.Diversion.Windows;
using FwRedirect.Redirector.Installation.Windows;
using Microsoft.Win32;

namespace FwRedirect.Redirector.Checks.Windows;

/// <summary>What Windows has to have.</summary>
[SupportedOSPlatform("windows")]
internal static class WindowsChecks
{
    private const string DriverServiceKey = @"SYSTEM\CurrentControlSet\Services\WinDivert";

    public static IReadOnlyList<IMachineCheck> All(RedirectorOptions? options)
    {
        var folder = AppContext.BaseDirectory;
        void Verify() => WinDivertFiles.Verify(folder, options?.DriverHashes ?? []);
        return
        [
            new RightsCheck(Environment.IsPrivilegedProcess, "use a prompt that was opened with \"Run as administrator\""),
            new DriverFilesCheck(Verify),
            DriverService(),
            new FilteringEngineCheck(() => WindowsServiceControl.StateOf(WindowsServiceControl.FilteringEngine)),
            new DriverOpenCheck(Environment.IsPrivilegedProcess, Verify, () => WinDivertDriver.Load(folder)),
        ];
    }

    public static DriverServiceCheck DriverService() => new(AppContext.BaseDirectory, ReadImagePath, File.Exists);

    private static string? ReadImagePath()
    {
        using var key = Registry.LocalMachine.OpenSubKey(DriverServiceKey);
        return key?.GetValue("ImagePath") as string;
    }
}
