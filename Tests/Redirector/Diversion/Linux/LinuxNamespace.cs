using System.Runtime.InteropServices;
using System.Runtime.Versioning;
using FwRedirect.Redirector.Diversion.Linux.Native;

namespace FwRedirect.Tests.Redirector.Diversion.Linux;

[SupportedOSPlatform("linux")]
internal static partial class LinuxNamespace
{
    private const int NetworkNamespace = 0x4000_0000;

    /// <summary>Moves the calling thread, and nothing else of the process, into a network namespace.</summary>
    public static void Enter(string path)
    {
        using var file = Libc.Open(path, Libc.CloseOnExec, 0).OrThrow(path);
        if (SetNamespace(file, NetworkNamespace) != 0) throw Libc.Failure("setns");
    }

    [LibraryImport("libc", EntryPoint = "setns", SetLastError = true)]
    private static partial int SetNamespace(Descriptor file, int kind);
}
