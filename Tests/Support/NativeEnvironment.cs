using System.Runtime.InteropServices;

namespace FwRedirect.Tests.Support;

/// <summary>Environment.SetEnvironmentVariable does not reach native getenv on Linux; gssapi reads its own there.</summary>
internal static partial class NativeEnvironment
{
    [LibraryImport("libc", EntryPoint = "setenv", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int SetEnv(string name, string value, int overwrite);

    public static void Set(string name, string value) => Assert.AreEqual(0, SetEnv(name, value, 1));
}
