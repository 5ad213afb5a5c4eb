using FwRedirect.Lab.Execution;
using FwRedirect.Lab.Network;

namespace FwRedirect.Lab.Servers;

/// <summary>memcached.</summary>
public static class MemoryCacheServer
{
    public const int Port = 11211;

    public static async Task<LabProcess> StartAsync(LabNetwork network, CancellationToken cancellation)
    {
        LabProcess process = network.Outside.Start("memcached", new LabCommand("memcached", "-u", "nobody", "-l", LabAddresses.Server, "-p", $"{Port}", "-U", "0"));
        await ServerPort.WaitAsync(network.Outside, process, Port, cancellation);
        return process;
    }
}
