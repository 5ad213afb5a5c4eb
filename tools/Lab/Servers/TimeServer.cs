using FwRedirect.Lab.Execution;
using FwRedirect.Lab.Network;

namespace FwRedirect.Lab.Servers;

/// <summary>The lab's own `lab time`.</summary>
public static class TimeServer
{
    private const int Port = 123;

    public static async Task<LabProcess> StartAsync(LabNetwork network, CancellationToken cancellation)
    {
        LabProcess process = network.Outside.Start("time", new LabCommand(Product.Executables.Lab, "time", "--listen", $"{LabAddresses.Server}:{Port}"));
        await ServerPort.WaitForDatagramsAsync(network.Outside, process, Port, cancellation);
        return process;
    }
}
