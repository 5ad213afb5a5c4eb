using FwRedirect.Lab.Execution;
using FwRedirect.Lab.Network;

namespace FwRedirect.Lab.Servers;

/// <summary>coturn as a STUN server on both outside addresses and two ports: what RFC 5780 needs to find out how a NAT maps and filters.</summary>
public static class StunServer
{
    private const int Port = 3478;

    public static async Task<LabProcess> StartAsync(LabNetwork network, CancellationToken cancellation)
    {
        string[] arguments =
        [
            "-n", "--stun-only", "-L", LabAddresses.Server, "-L", LabAddresses.NameServer, "--listening-port", $"{Port}", "--alt-listening-port", $"{Port + 1}",
            "--no-tls", "--no-dtls", "--no-cli", "--log-file", "stdout", "--pidfile", Path.Combine(network.Folder, "turnserver.pid"),
        ];
        LabProcess process = network.Outside.Start("turnserver", new LabCommand("turnserver", arguments));
        await ServerPort.WaitForDatagramsAsync(network.Outside, process, Port + 1, cancellation);
        return process;
    }
}
