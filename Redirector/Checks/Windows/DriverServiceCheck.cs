using System.Runtime.Versioning;
using FwRedirect.Redirector.Diversion.Windows;

namespace FwRedirect.Redirector.Checks.Windows;

/// <summary>The driver's own service entry. While one is there its path counts and not that of our files; it may be another product's, or lead nowhere.</summary>
/// <param name="folder">Ours.</param>
/// <param name="imagePath">Reads the entry's ImagePath; null where there is no entry.</param>
/// <param name="exists">Whether a file is there.</param>
[SupportedOSPlatform("windows")]
internal sealed class DriverServiceCheck(string folder, Func<string?> imagePath, Func<string, bool> exists) : IMachineCheck
{
    /// <summary>How the kernel's names of files begin.</summary>
    private const string KernelPrefix = @"\??\";

    public string Name => "driver service";

    public CheckResult Look()
    {
        if (imagePath() is not { } path)
            return CheckResult.Good("none is left behind");
        if (path.StartsWith(KernelPrefix, StringComparison.Ordinal))
            path = path[KernelPrefix.Length..];
        if (!exists(path))
            return CheckResult.Wrong($"a \"WinDivert\" service points to {path}, which is gone: run \"sc stop WinDivert\" and \"sc delete WinDivert\", or restart the computer");
        return string.Equals(path, Path.Combine(folder, WinDivertFiles.Driver), StringComparison.OrdinalIgnoreCase)
            ? CheckResult.Good("our own, in use")
            : CheckResult.Good($"another product's is in use, {path}; it serves us too if it is a version 2.2");
    }
}
