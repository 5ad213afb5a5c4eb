using System.Globalization;
using System.Runtime.Versioning;

namespace FwRedirect.Redirector.Diversion.Linux.Recovery;

/// <summary>
/// One redirector a network namespace: a second one would take the first one's rules for leftovers and remove them. A lock on a file beside the journal, which
/// the kernel lets go when its holder ends, however it ends.
/// </summary>
[SupportedOSPlatform("linux")]
internal sealed class InstanceLock : IDisposable
{
    private readonly FileStream _file;
    private readonly string _holder;

    private InstanceLock(FileStream file, string holder) => (_file, _holder) = (file, holder);

    /// <param name="path">The file to lock; one beside it, ending in .pid, says who has it: a locked file can not be read by another .NET process.</param>
    /// <exception cref="IOException">Another process has it; the message says which.</exception>
    public static InstanceLock Take(string path)
    {
        if (Path.GetDirectoryName(path) is { Length: > 0 } folder) Directory.CreateDirectory(folder);
        var holder = Path.ChangeExtension(path, ".pid");
        try
        {
            // FileShare.None is flock(LOCK_EX | LOCK_NB) on Unix. Where the file is gone behind the lock, its last holder removed it as we opened it.
            var file = new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            while (!File.Exists(path))
            {
                file.Dispose();
                file = new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            }

            File.WriteAllText(holder, Environment.ProcessId.ToString(CultureInfo.InvariantCulture));
            return new InstanceLock(file, holder);
        }
        catch (IOException taken) when (File.Exists(holder))
        {
            throw new IOException($"another fwredirect runs in this network namespace already (process {File.ReadAllText(holder)})", taken);
        }
    }

    public void Dispose()
    {
        File.Delete(_holder);
        File.Delete(_file.Name);
        _file.Dispose();
    }
}
