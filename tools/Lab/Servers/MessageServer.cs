using FwRedirect.Lab.Execution;
using FwRedirect.Lab.Network;

namespace FwRedirect.Lab.Servers;

/// <summary>mosquitto: MQTT, and MQTT in web sockets.</summary>
public static class MessageServer
{
    public const int WebSocketPort = 9001;
    private const int Port = 1883;

    public static async Task<LabProcess> StartAsync(LabNetwork network, CancellationToken cancellation)
    {
        string configuration = Path.Combine(network.Folder, "mosquitto.conf");
        await File.WriteAllTextAsync(
            configuration,
            $"""
            listener {Port} {LabAddresses.Server}
            listener {WebSocketPort} {LabAddresses.Server}
            protocol websockets
            allow_anonymous true
            persistence false

            """,
            cancellation);
        LabProcess process = network.Outside.Start("mosquitto", new LabCommand("mosquitto", "-c", configuration));
        await ServerPort.WaitAsync(network.Outside, process, Port, cancellation);
        return process;
    }
}
