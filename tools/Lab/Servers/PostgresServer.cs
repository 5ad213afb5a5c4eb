using FwRedirect.Lab.Execution;
using FwRedirect.Lab.Network;

namespace FwRedirect.Lab.Servers;

/// <summary>PostgreSQL with a cluster of this run: it refuses to run as root, so both programs run as the package's own account.</summary>
public static class PostgresServer
{
    public const string User = "postgres";
    private const int Port = 5432;

    public static async Task<LabProcess> StartAsync(LabNetwork network, CancellationToken cancellation)
    {
        string folder = Directory.CreateDirectory(Path.Combine(network.Folder, "postgres")).FullName;
        string programs = Programs();
        (await new LabCommand("chown", User, folder).RunAsync(cancellation)).OrThrow();
        LabCommand make = new LabCommand(Path.Combine(programs, "initdb"), "-D", folder, "-A", "trust", "--no-sync", "-E", "UTF8", "--locale=C");
        (await make.AsUser(User, User).RunAsync(cancellation)).OrThrow();
        await File.AppendAllTextAsync(Path.Combine(folder, "pg_hba.conf"), "host all all all trust\n", cancellation);
        // Nothing outlives the run: no disk has to be waited for.
        LabCommand run = new LabCommand(Path.Combine(programs, "postgres"), "-D", folder, "-h", LabAddresses.Server, "-k", "", "-F", "-c", "full_page_writes=off");
        LabProcess process = network.Outside.Start("postgres", run.AsUser(User, User));
        await ServerPort.WaitAsync(network.Outside, process, Port, cancellation);
        return process;
    }

    /// <summary>Debian keeps each major version in a folder of its own, off the PATH.</summary>
    private static string Programs() =>
        Directory.Exists("/usr/lib/postgresql") && Directory.EnumerateDirectories("/usr/lib/postgresql").Select(version => Path.Combine(version, "bin"))
            .Where(folder => File.Exists(Path.Combine(folder, "postgres"))).Order(StringComparer.Ordinal).LastOrDefault() is { } found
            ? found
            : throw new LabException("there is no PostgreSQL below /usr/lib/postgresql. tools/setup installs what the lab needs");
}
