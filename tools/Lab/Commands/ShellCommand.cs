using FwRedirect.Lab.Network;
using FwRedirect.Lab.Product;

namespace FwRedirect.Lab.Commands;

/// <summary>`lab up`: the lab without a session, for trying programs by hand.</summary>
internal static class ShellCommand
{
    public static async Task<int> RunAsync(LabMode mode, LabIPv6 ipv6, CancellationToken cancellation)
    {
        await using LabRoad road = await LabRoad.OpenAsync(mode, ipv6: ipv6, cancellation: cancellation);
        await KeepAsync(road.Network, cancellation);
        return 0;
    }

    /// <summary>Says how to get in, and waits for Ctrl-C.</summary>
    public static async Task KeepAsync(LabNetwork network, CancellationToken cancellation)
    {
        Console.WriteLine(
            $"""

            The lab is up. Try programs on the client, for example
              sudo ip netns exec {network.Client.Name} bash
              sudo ip netns exec {network.Client.Name} curl http://{LabAddresses.ServerName}/
              sudo ip netns exec {network.Client.Name} ftp -A {LabAddresses.ServerName}
            The other machines are {network.Firewall.Name} and {network.Outside.Name}; logs and configurations are in {network.Folder}.
            Ctrl-C ends the lab and removes it.
            """);
        await Task.Delay(Timeout.InfiniteTimeSpan, cancellation).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }
}
