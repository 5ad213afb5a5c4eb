using FwRedirect.Lab.Execution;
using FwRedirect.Lab.Network;

namespace FwRedirect.Lab.Servers;

/// <summary>rsync as a daemon: one module, "data".</summary>
public static class SyncServer
{
    public const string Module = "data";

    private const int Port = 873;

    /// <summary>What the module gives out.</summary>
    public static string Folder(LabNetwork network) => Path.Combine(network.Folder, "sync");

    public static async Task<LabProcess> StartAsync(LabNetwork network, CancellationToken cancellation)
    {
        Directory.CreateDirectory(Folder(network));
        string configuration = Path.Combine(network.Folder, "rsyncd.conf");
        await File.WriteAllTextAsync(
            configuration,
            $"""
            address = {LabAddresses.Server}
            port = {Port}
            use chroot = no
            uid = root
            gid = root
            [{Module}]
            path = {Folder(network)}
            read only = no

            """,
            cancellation);
        LabProcess process = network.Outside.Start("rsync", new LabCommand("rsync", "--daemon", "--no-detach", $"--config={configuration}", "--log-file=/dev/stderr"));
        await ServerPort.WaitAsync(network.Outside, process, Port, cancellation);
        return process;
    }
}
