using FwRedirect.Lab.Execution;
using FwRedirect.Lab.Network;

namespace FwRedirect.Lab.Servers;

/// <summary>redis-server in memory, without a file.</summary>
public static class RedisServer
{
    private const int Port = 6379;

    public static async Task<LabProcess> StartAsync(LabNetwork network, CancellationToken cancellation)
    {
        LabCommand command = new LabCommand(
            "redis-server", "--port", $"{Port}", "--bind", LabAddresses.Server, "--protected-mode", "no", "--save", "", "--appendonly", "no", "--dir", network.Folder);
        LabProcess process = network.Outside.Start("redis", command);
        await ServerPort.WaitAsync(network.Outside, process, Port, cancellation);
        return process;
    }
}
