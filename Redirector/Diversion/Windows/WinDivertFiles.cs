using System.Runtime.Versioning;
using System.Security.Cryptography;

namespace FwRedirect.Redirector.Diversion.Windows;

/// <summary>
/// The two files of the driver, which are not ours: the DLL that we load, and the driver that it loads from the same folder. What runs in the kernel is
/// known by its hash, before anything is loaded.
/// </summary>
[SupportedOSPlatform("windows")]
internal static class WinDivertFiles
{
    public const string Dll = "WinDivert.dll";

    public const string Driver = "WinDivert64.sys";

    private const string Source = "WinDivert-2.2.2-A.zip (folder x64) at https://github.com/basil00/WinDivert/releases/tag/v2.2.2";

    /// <summary>x64 files of WinDivert-2.2.2-A.zip, itself 63cb41763bb4b20f600b6de04e991a9c2be73279e317d4d82f237b150c5f3f15.</summary>
    private const string OfficialDll = "c1e060ee19444a259b2162f8af0f3fe8c4428a1c6f694dce20de194ac8d7d9a2";
    private const string OfficialDriver = "8da085332782708d8767bcace5327a6ec7283c17cfb85e40b03cd2323a90ddc2";

    /// <param name="folder">Where both files should be.</param>
    /// <param name="acceptedHashes">SHA-256 in hexadecimal of files that are taken besides the official ones.</param>
    /// <exception cref="IOException">A file is missing, can not be read or is another one; the message says which and what to do.</exception>
    public static void Verify(string folder, IReadOnlyList<string> acceptedHashes)
    {
        Verify(Path.Combine(folder, Dll), OfficialDll, acceptedHashes);
        Verify(Path.Combine(folder, Driver), OfficialDriver, acceptedHashes);
    }

    private static void Verify(string path, string official, IReadOnlyList<string> acceptedHashes)
    {
        string hash;
        try
        {
            using var file = File.OpenRead(path);
            hash = Convert.ToHexStringLower(SHA256.HashData(file));
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new IOException($"{path} is missing: antivirus software often takes it away (look into its quarantine and exclude the folder); put it back from {Source}", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new IOException($"{path} can not be read: {e.Message}", e);
        }

        if (hash != official && !acceptedHashes.Contains(hash, StringComparer.OrdinalIgnoreCase))
            throw new IOException($"{path} is not the file of WinDivert 2.2.2-A: its SHA-256 is {hash}; take it from {Source}, or name that hash in DriverHashes if the file is your own");
    }
}
