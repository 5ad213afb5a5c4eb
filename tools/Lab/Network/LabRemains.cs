using FwRedirect.Lab.Execution;

namespace FwRedirect.Lab.Network;

/// <summary>Removes what a run has made. It looks at the machine and not at what the run remembers: the same code ends a run and sweeps after a killed one.</summary>
internal static class LabRemains
{
    private const string NamespaceFolder = "/run/netns";
    private const string EtcFolder = "/etc/netns";

    public static async Task RemoveDeadRunsAsync()
    {
        IEnumerable<string> names = new[] { NamespaceFolder, EtcFolder, "/tmp" }
            .Where(Directory.Exists)
            .SelectMany(folder => Directory.EnumerateFileSystemEntries(folder, "fwr-*"))
            .Select(path => Path.GetFileName(path));
        foreach (LabRun run in names.Select(LabRun.Of).OfType<LabRun>().Distinct().Where(run => !run.OwnerLives()).ToArray())
            await RemoveAsync(run);
    }

    public static async Task RemoveAsync(LabRun run)
    {
        foreach (string path in Entries(NamespaceFolder, run))
        {
            await KillProcessesAsync(Path.GetFileName(path));
            await new LabCommand("ip", "netns", "del", Path.GetFileName(path)).RunAsync();
        }

        foreach (string path in Entries(EtcFolder, run))
            Directory.Delete(path, recursive: true);
        if (Directory.Exists(run.Folder)) Directory.Delete(run.Folder, recursive: true);
    }

    public static IReadOnlyList<string> Entries(LabRun run) => [.. Entries(NamespaceFolder, run), .. Entries(EtcFolder, run), .. Entries("/tmp", run)];

    private static string[] Entries(string folder, LabRun run) =>
        Directory.Exists(folder) ? [.. Directory.EnumerateFileSystemEntries(folder, $"{run.Name}*").Where(path => LabRun.Of(Path.GetFileName(path)) == run)] : [];

    /// <summary>Whoever is inside a namespace of the lab belongs to it. Repeated, because a dying server may still start a child.</summary>
    private static async Task KillProcessesAsync(string name)
    {
        var space = new LabNamespace(name, "/tmp");
        for (int round = 0; round < 20; round++)
        {
            IReadOnlyList<int> processes = await space.ProcessesAsync();
            if (processes.Count == 0) return;
            foreach (int process in processes)
                PosixSignals.Send(process, PosixSignals.Kill);
            await Task.Delay(TimeSpan.FromMilliseconds(50));
        }
    }
}
