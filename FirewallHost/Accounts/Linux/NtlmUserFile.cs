using System.Runtime.InteropServices;
using System.Runtime.Versioning;

namespace FwRedirect.FirewallHost.Accounts.Linux;

/// <summary>Tells gss-ntlmssp where the accounts are.</summary>
[SupportedOSPlatform("linux")]
internal static partial class NtlmUserFile
{
    /// <summary>
    /// Has to come before the first call into GSSAPI. Through libc, since Environment.SetEnvironmentVariable changes only .NET's own copy and the library calls getenv.
    /// </summary>
    /// <exception cref="IOException">The C library refused.</exception>
    public static void Use(string path)
    {
        if (SetEnvironment("NTLM_USER_FILE", path, 1) != 0)
            throw new IOException($"setenv NTLM_USER_FILE failed: {Marshal.GetLastPInvokeErrorMessage()}");
    }

    [LibraryImport("libc", EntryPoint = "setenv", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int SetEnvironment(string name, string value, int overwrite);
}
