using System.Runtime.Versioning;

namespace FwRedirect.Redirector.Service.Windows;

/// <summary>
/// One redirector a machine: two would take each other's packets. A file that nobody else can open meanwhile, and that Windows removes with its last handle,
/// however its holder ends. It stands where only administrators can make files: a named object of the kernel could be made by any user beforehand, who would
/// keep the service from starting.
/// </summary>
[SupportedOSPlatform("windows")]
internal static class MachineClaim
{
    private const string Name = "FwRedirect.lock";

    /// <summary>Win32's ERROR_SHARING_VIOLATION, as .NET wraps it.</summary>
    private const int SharingViolation = unchecked((int)0x80070020);

    /// <exception cref="IOException">Another process has it, or this one has not the rights; the message says which.</exception>
    public static IDisposable Take() => Take(Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.Windows), Name));

    public static IDisposable Take(string path)
    {
        try
        {
            return new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, bufferSize: 1, FileOptions.DeleteOnClose);
        }
        catch (IOException taken) when (taken.HResult == SharingViolation)
        {
            throw new IOException($"another fwredirect runs on this machine already (it has {path})", taken);
        }
        catch (UnauthorizedAccessException denied)
        {
            throw new IOException($"{path} can not be opened, by which one fwredirect keeps off another: {denied.Message}", denied);
        }
    }
}
