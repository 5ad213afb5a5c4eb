using System.Runtime.Versioning;
using FwRedirect.Redirector.Diversion.Linux.Native;

namespace FwRedirect.Redirector.Diversion.Linux.SocketEvents;

/// <summary>Where the machine has its cgroup2 tree: /sys/fs/cgroup, or /sys/fs/cgroup/unified beside version 1.</summary>
[SupportedOSPlatform("linux")]
internal static class CgroupDirectory
{
    private const int OpenDirectory = 0x10000;
    private const nint FileSystemOpen = 430;
    private const nint FileSystemConfigure = 431;
    private const nint FileSystemMount = 432;
    private const nint CommandCreate = 6;
    private const nint CloseOnExec = 1;

    /// <summary>
    /// The root of the tree. "ip netns exec" gives its program a /sys without cgroup2: then the tree is taken from the kernel by a mount of our own that is
    /// attached to no path, and gone with its descriptor.
    /// </summary>
    public static Descriptor OpenRoot() => FindRoot() is { } path ? Open(path) : MountDetached();

    public static Descriptor Open(string path) => Libc.Open(path, OpenDirectory | Libc.CloseOnExec, 0).OrThrow($"control group {path}");

    private static string? FindRoot()
    {
        // device mount-point type options; a blank in a path is \040
        foreach (var line in File.ReadLines("/proc/self/mounts"))
        {
            var fields = line.Split(' ');
            if (fields is [_, var path, "cgroup2", ..]) return path.Replace("\\040", " ", StringComparison.Ordinal);
        }

        return null;
    }

    private static Descriptor MountDetached()
    {
        using var context = new Descriptor((int)Libc.SystemCall(FileSystemOpen, "cgroup2", CloseOnExec)).OrThrow("cgroup2 (no kernel support, or not allowed)");
        if (Libc.SystemCall(FileSystemConfigure, context, CommandCreate, 0, 0, 0) != 0) throw Libc.Failure("cgroup2");
        return new Descriptor((int)Libc.SystemCall(FileSystemMount, context, CloseOnExec, 0, 0, 0)).OrThrow("cgroup2");
    }
}
