using FwRedirect.Lab.Execution;
using FwRedirect.Lab.Network;

namespace FwRedirect.Lab.Servers;

/// <summary>The outside world: real servers, each with a configuration of its own.</summary>
public sealed class LabServers : IAsyncDisposable
{
    private readonly IReadOnlyList<LabProcess> _processes;

    private LabServers(IReadOnlyList<LabProcess> processes) => _processes = processes;

    public static async Task<LabServers> StartAsync(LabNetwork network, CancellationToken cancellation = default)
    {
        // Before any program there looks for its own account: a passwd that is just being written is an empty one.
        await SshServer.AddAccountAsync(network, cancellation);
        Task<LabProcess> ftp = FtpServer.StartAsync(network, cancellation);
        IReadOnlyList<Task<LabProcess>> v6 = network.IPv6 == LabIPv6.None ? [] : [FtpServer.StartIPv6Async(network, ftp, cancellation), EchoServer.StartIPv6Async(network, cancellation)];
        return await WhenAllAsync(
            [.. v6, ftp, DnsServer.StartAsync(network, cancellation), WebServer.StartAsync(network, cancellation),
            SshServer.StartAsync(network, cancellation), EchoServer.StartAsync(network, cancellation), SpeedServer.StartAsync(network, cancellation)]);
    }

    /// <summary>All of them, or none: where one does not start the others are ended.</summary>
    public static async Task<LabServers> WhenAllAsync(params Task<LabProcess>[] starts)
    {
        try
        {
            return new LabServers(await Task.WhenAll(starts));
        }
        catch
        {
            foreach (Task<LabProcess> start in starts.Where(start => start.IsCompletedSuccessfully))
                await (await start).DisposeAsync();
            throw;
        }
    }

    public LabProcess this[string name] => _processes.Single(process => process.Name == name);

    public string Log() => string.Join('\n', _processes.Select(process => process.Log()).Where(log => log.Length > 0));

    public async ValueTask DisposeAsync() => await Task.WhenAll(_processes.Select(process => process.DisposeAsync().AsTask()));
}
