using System.Runtime.Versioning;

namespace FwRedirect.Redirector.Diversion.Linux;

/// <summary>Where the machine has its cgroup2 tree: /sys/fs/cgroup, or /sys/fs/cgroup/unified beside version 1.</summary>
[SupportedOSPlatform("linux")]
internal static class CgroupDirectory
{
    private const int OpenDirectory = 0x10000;

    public static string FindRoot()
    {
        // device mount-point type options; a blank in a path is \040
        foreach (var line in File.ReadLines("/proc/self/mounts"))
        {
            var fields = line.Split(' ');
            if (fields is [_, var path, "cgroup2", ..]) return path.Replace("\\040", " ", StringComparison.Ordinal);
        }

        throw new IOException("no cgroup2 file system is mounted (mount -t cgroup2 none /sys/fs/cgroup/unified): socket events need one");
    }

    public static Descriptor Open(string path) => Libc.Open(path, OpenDirectory | Libc.CloseOnExec, 0).OrThrow($"control group {path}");
}
