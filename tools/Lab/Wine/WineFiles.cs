using FwRedirect.Lab.Product;

namespace FwRedirect.Lab.Wine;

/// <summary>What tools/test-wine has prepared, and what is missing of it.</summary>
public static class WineFiles
{
    public static string Folder => Path.Combine(Executables.Repository, "artifacts", "wine");

    /// <summary>The published folder with the stand-in for the driver.</summary>
    public static string ProgramFolder => Path.Combine(Folder, "program");

    /// <summary>The published folder as it is: without a driver.</summary>
    public static string BareFolder => Path.Combine(Folder, "bare");

    public static string Redirector => Path.Combine(ProgramFolder, "fwredirect.exe");

    public static string BareRedirector => Path.Combine(BareFolder, "fwredirect.exe");

    public static string StandIn => Path.Combine(ProgramFolder, "WinDivert.dll");

    public static string StandInDriver => Path.Combine(ProgramFolder, "WinDivert64.sys");

    /// <summary>The Windows program of the tests (tools/windows-program).</summary>
    public static string WindowsProgram => Path.Combine(Executables.Repository, "artifacts", "windows-program", "program.exe");

    /// <summary>Why the Windows build can not be run here; null where it can.</summary>
    public static string? Missing()
    {
        if (!(Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Any(folder => File.Exists(Path.Combine(folder, "wine"))))
            return "Wine is not installed: tools/setup --wine";
        return new[] { Redirector, BareRedirector, StandIn, StandInDriver, WindowsProgram }.FirstOrDefault(file => !File.Exists(file)) is { } missing
            ? $"{missing} is missing: sudo tools/test-wine --prepare"
            : null;
    }
}
