using FwRedirect.Lab.Execution;
using FwRedirect.Lab.Network;

namespace FwRedirect.Lab.Servers;

/// <summary>iperf3's server.</summary>
internal static class SpeedServer
{
    public const int Port = 5201;

    public static async Task<LabProcess> StartAsync(LabNetwork network, CancellationToken cancellation)
    {
        LabProcess process = network.Outside.Start("iperf3", new LabCommand("iperf3", "--server", "--bind", LabAddresses.Server, "--forceflush"));
        await ServerPort.WaitAsync(network.Outside, process, Port, cancellation);
        return process;
    }
}
