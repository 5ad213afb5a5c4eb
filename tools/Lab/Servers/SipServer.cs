using FwRedirect.Lab.Execution;
using FwRedirect.Lab.Network;

namespace FwRedirect.Lab.Servers;

/// <summary>sipp, as the one that is called (its built-in scenario uas); what RTP it gets it sends back.</summary>
public static class SipServer
{
    private const int Port = 5060;

    public static async Task<LabProcess> StartAsync(LabNetwork network, CancellationToken cancellation)
    {
        string[] arguments = ["-sn", "uas", "-i", LabAddresses.Server, "-mi", LabAddresses.Server, "-p", $"{Port}", "-rtp_echo", "-nostdin"];
        LabProcess process = network.Outside.Start("sipp", new LabCommand("sipp", arguments));
        await ServerPort.WaitForDatagramsAsync(network.Outside, process, Port, cancellation);
        return process;
    }
}
