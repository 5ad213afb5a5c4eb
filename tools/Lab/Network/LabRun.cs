using System.Globalization;

namespace FwRedirect.Lab.Network;

/// <summary>
/// Names of one lab: fwr-PID-NUMBER. The folder of that name keeps the owner's start time, so that a later run can tell
/// a killed owner from a living one, also when the process id has been given to somebody else since.
/// </summary>
internal sealed record LabRun(int OwnerId, int Number)
{
    private const string Prefix = "fwr-";
    private const string OwnerFile = "owner";
    private static int _last;

    public string Name => $"{Prefix}{OwnerId}-{Number}";

    public string Folder => Path.Combine("/tmp", Name);

    public static LabRun Next() => new(Environment.ProcessId, Interlocked.Increment(ref _last));

    /// <summary>fwr-12-1 and fwr-12-1-client both belong to run (12, 1); null for what is not the lab's.</summary>
    public static LabRun? Of(string name)
    {
        if (!name.StartsWith(Prefix, StringComparison.Ordinal)) return null;
        string[] parts = name.Split('-');
        return parts.Length >= 3
            && int.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out int owner)
            && int.TryParse(parts[2], NumberStyles.None, CultureInfo.InvariantCulture, out int number)
            ? new LabRun(owner, number)
            : null;
    }

    public void CreateFolder()
    {
        Directory.CreateDirectory(Folder);
        File.WriteAllText(Path.Combine(Folder, OwnerFile), StartTime(OwnerId) ?? "");
    }

    public bool OwnerLives()
    {
        string? startTime = StartTime(OwnerId);
        string file = Path.Combine(Folder, OwnerFile);
        // Without the file the owner is just about to write it, or has just taken it away: both mean that it lives.
        return startTime is not null && (!File.Exists(file) || File.ReadAllText(file) is var known && (known == startTime || known.Length == 0));
    }

    /// <summary>Field 22 of /proc/PID/stat, in clock ticks since boot; the name in brackets before it may hold blanks.</summary>
    private static string? StartTime(int processId)
    {
        try
        {
            string stat = File.ReadAllText($"/proc/{processId}/stat");
            return stat[(stat.LastIndexOf(')') + 2)..].Split(' ')[19];
        }
        catch (IOException)
        {
            return null;
        }
    }
}
