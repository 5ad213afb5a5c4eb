using FwRedirect.Lab.Execution;
using FwRedirect.Lab.Network;

namespace FwRedirect.Lab.Servers;

/// <summary>git daemon, with pushes allowed to everybody: git:// knows no users.</summary>
public static class GitServer
{
    private const int Port = 9418;

    /// <summary>The same repositories are served over https by <see cref="SecureWebServer"/>.</summary>
    public static string Folder(LabNetwork network) => Path.Combine(network.Folder, "git");

    /// <summary>A new repository without commits, that everybody may write to, and its name on the servers.</summary>
    public static async Task<string> MakeRepositoryAsync(LabNetwork network, string name, CancellationToken cancellation)
    {
        string folder = Path.Combine(Directory.CreateDirectory(Folder(network)).FullName, name);
        (await new LabCommand("git", "init", "--quiet", "--bare", "--initial-branch=main", "--shared=0666", folder).RunAsync(cancellation)).OrThrow();
        (await new LabCommand("git", "-C", folder, "config", "http.receivepack", "true").RunAsync(cancellation)).OrThrow();
        (await new LabCommand("chown", "-R", "nobody", folder).RunAsync(cancellation)).OrThrow();
        return name;
    }

    public static async Task<LabProcess> StartAsync(LabNetwork network, CancellationToken cancellation)
    {
        Directory.CreateDirectory(Folder(network));
        // git serves a repository only to whom it belongs. Its daemon is started without git before it, which a signal would not pass.
        string[] v6 = network.IPv6 == LabIPv6.None ? [] : [$"--listen={LabAddresses.ServerV6}"];
        LabCommand command = new LabCommand(
            "/usr/lib/git-core/git-daemon", [.. v6, $"--listen={LabAddresses.Server}", $"--base-path={Folder(network)}", "--export-all", "--enable=receive-pack", "--reuseaddr"]);
        LabProcess process = network.Outside.Start("git-daemon", command.AsNobody());
        await ServerPort.WaitAsync(network.Outside, process, Port, cancellation);
        return process;
    }
}
