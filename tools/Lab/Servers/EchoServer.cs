using FwRedirect.Lab.Execution;
using FwRedirect.Lab.Network;

namespace FwRedirect.Lab.Servers;

/// <summary>The lab's own `lab echo`, for round trips and connections a second.</summary>
internal static class EchoServer
{
    public static async Task<LabProcess> StartAsync(LabNetwork network, CancellationToken cancellation)
    {
        LabCommand command = new LabCommand(Product.Executables.Lab, "echo", "--listen", $"{LabAddresses.Server}:{LabAddresses.EchoPort}");
        LabProcess process = network.Outside.Start("echo", command);
        await ServerPort.WaitAsync(network.Outside, process, LabAddresses.EchoPort, cancellation);
        return process;
    }

    public static async Task<LabProcess> StartIPv6Async(LabNetwork network, CancellationToken cancellation)
    {
        LabCommand command = new LabCommand(Product.Executables.Lab, "echo", "--listen", $"[{LabAddresses.ServerV6}]:{LabAddresses.EchoPort}");
        LabProcess process = network.Outside.Start("echo6", command);
        await ServerPort.WaitIPv6Async(network.Outside, process, LabAddresses.EchoPort, cancellation);
        return process;
    }
}
