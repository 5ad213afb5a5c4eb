using System.Runtime.Versioning;

namespace FwRedirect.Redirector.Diversion.Linux.Native;

/// <summary>The network namespace of the calling thread.</summary>
[SupportedOSPlatform("linux")]
internal static unsafe class NetworkNamespace
{
    private const int SocketNamespaceCookie = 71;

    /// <summary>The kernel's number for it, the same that BPF programs see.</summary>
    public static ulong Cookie()
    {
        using var socket = Libc.Socket(Libc.FamilyInet, Libc.SocketDatagram | Libc.CloseOnExec, 0).OrThrow("socket");
        ulong cookie = 0;
        uint length = sizeof(ulong);
        if (Libc.GetOption(socket, Libc.LevelSocket, SocketNamespaceCookie, &cookie, &length) != 0) throw Libc.Failure("SO_NETNS_COOKIE (Linux 5.14 or later)");
        return cookie;
    }
}
