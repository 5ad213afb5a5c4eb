using FwRedirect.Lab.Execution;
using FwRedirect.Lab.Network;

namespace FwRedirect.Lab.Wine;

/// <summary>
/// The client as a Windows machine. Wine's server makes the sockets of all Windows programs: it runs in the client's namespace, and ends with this object.
/// The prefix (some 700 MB of Wine's own files) is kept between runs; one run has it at a time.
/// </summary>
public sealed class WinePrefix : IAsyncDisposable
{
    private static readonly TimeSpan BootBound = TimeSpan.FromMinutes(3);
    private static readonly TimeSpan LockBound = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan LockInterval = TimeSpan.FromMilliseconds(200);

    private readonly LabNetwork _network;
    private readonly FileStream _lock;

    /// <summary>What Wine's programs get to know from outside.</summary>
    private readonly Dictionary<string, string> _environment = new() { ["WINEPREFIX"] = Folder, ["WINEDEBUG"] = "-all" };

    private WinePrefix(LabNetwork network, FileStream instanceLock)
    {
        _network = network;
        _lock = instanceLock;
    }

    /// <summary>Without a program Wine takes its services for idle, ends them, and starts them anew with the next one.</summary>
    private LabProcess? _resident;

    private static string Folder => Path.Combine(WineFiles.Folder, "prefix");

    public static async Task<WinePrefix> OpenAsync(LabNetwork network, CancellationToken cancellation = default)
    {
        Directory.CreateDirectory(WineFiles.Folder);
        var prefix = new WinePrefix(network, await LockAsync(cancellation));
        try
        {
            await prefix.StopServerAsync();
            await prefix.BootAsync(cancellation);
            prefix._resident = network.Client.Start("wine", prefix.Command(WineFiles.WindowsProgram, "wait"));
            await prefix._resident.WaitForLineAsync(line => line.StartsWith("waiting", StringComparison.Ordinal), BootBound, cancellation);
            return prefix;
        }
        catch
        {
            await prefix.DisposeAsync();
            throw;
        }
    }

    /// <summary>A path of this machine as Windows programs write it.</summary>
    public static string WindowsPath(string path) => $"Z:{path.Replace('/', '\\')}";

    /// <summary>A Windows program, to be run or started in the client's namespace.</summary>
    public LabCommand Command(string program, params IReadOnlyList<string> arguments) =>
        new LabCommand("wine", [program, .. arguments]) { Environment = _environment };

    /// <summary>Runs a Windows program to its end.</summary>
    public Task<CommandResult> RunAsync(LabCommand command, CancellationToken cancellation = default) =>
        command.Under("ip", "netns", "exec", _network.Client.Name).RunAsync(cancellation);

    public async ValueTask DisposeAsync()
    {
        await StopServerAsync();
        if (_resident is not null) await _resident.DisposeAsync();
        await _lock.DisposeAsync();
    }

    private static async Task<FileStream> LockAsync(CancellationToken cancellation)
    {
        DateTime deadline = DateTime.UtcNow + LockBound;
        while (true)
        {
            try
            {
                return new FileStream(Path.Combine(WineFiles.Folder, "prefix.lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            }
            catch (IOException exception) when (DateTime.UtcNow < deadline && exception is not DirectoryNotFoundException)
            {
                await Task.Delay(LockInterval, cancellation);
            }
        }
    }

    /// <summary>Ends every Windows program of the prefix. Without a server there is nothing to end, and it says so.</summary>
    private async Task StopServerAsync() => await new LabCommand("wineserver", "-k") { Environment = _environment }.RunAsync(CancellationToken.None);

    private async Task BootAsync(CancellationToken cancellation)
    {
        string marker = Path.Combine(Folder, "ready");
        if (!File.Exists(marker))
        {
            (await RunAsync(Command("wineboot", "-i") with { Timeout = BootBound }, cancellation)).OrThrow();
            // Wine 8 calls itself Windows 7 by default, which .NET does not know any more.
            (await RunAsync(Command("reg", "add", @"HKCU\Software\Wine", "/v", "Version", "/d", "win10", "/f") with { Timeout = BootBound }, cancellation)).OrThrow();
            await File.WriteAllTextAsync(marker, "", cancellation);
        }
    }
}
