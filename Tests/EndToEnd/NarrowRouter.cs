using FwRedirect.Lab.Execution;
using FwRedirect.Lab.Network;

namespace FwRedirect.Tests.EndToEnd;

/// <summary>A router between the lab's client and its firewall, with links as wide as theirs and a narrow way in the middle; gone when disposed.</summary>
internal sealed class NarrowRouter : IAsyncDisposable
{
    private readonly LabNetwork _network;
    private readonly string _name;

    private NarrowRouter(LabNetwork network)
    {
        _network = network;
        // Begins as the run's other machines do, so that a killed run's is swept with them.
        _name = network.Client.Name[..network.Client.Name.LastIndexOf('-')] + "-router";
    }

    public static async Task<NarrowRouter> InsertAsync(LabNetwork network, int mtu, CancellationToken cancellation)
    {
        var router = new NarrowRouter(network);
        string name = router._name;
        string[] steps =
        [
            $"netns add {name}",
            $"-n {name} link add c type veth peer name narrow netns {network.Client.Name}",
            $"-n {name} link add f type veth peer name narrow netns {network.Firewall.Name}",
            $"-n {name} address add 10.9.1.1/30 dev c",
            $"-n {name} address add 10.9.2.1/30 dev f",
            $"-n {network.Client.Name} address add 10.9.1.2/30 dev narrow",
            $"-n {network.Firewall.Name} address add 10.9.2.2/30 dev narrow",
            $"-n {name} link set c up",
            $"-n {name} link set f up",
            $"-n {network.Client.Name} link set narrow up",
            $"-n {network.Firewall.Name} link set narrow up",
            $"-n {name} route add {LabAddresses.FirewallInside}/32 via 10.9.2.2 mtu lock {mtu}",
            $"-n {name} route add {LabAddresses.Client}/32 via 10.9.1.2 mtu lock {mtu}",
            $"-n {network.Client.Name} route add {LabAddresses.FirewallInside}/32 via 10.9.1.1 src {LabAddresses.Client}",
            $"-n {network.Firewall.Name} route add {LabAddresses.Client}/32 via 10.9.2.1 src {LabAddresses.FirewallInside}",
            .. network.IPv6 == LabIPv6.None ? [] : StepsV6(network, name, mtu),
        ];
        try
        {
            foreach (string step in steps)
                (await new LabCommand("ip", step.Split(' ')).RunAsync(cancellation)).OrThrow();
            (await router.RunAsync("sysctl", ["-q", "-w", "net.ipv4.ip_forward=1"], cancellation)).OrThrow();
            if (network.IPv6 != LabIPv6.None)
            {
                (await router.RunAsync("sysctl", ["-q", "-w", "net.ipv6.conf.all.forwarding=1"], cancellation)).OrThrow();
                // Links of IPv6 take a moment to find their neighbours.
                (await network.Client.RunAsync("ping", ["-6", "-n", "-c", "1", "-w", "20", LabAddresses.FirewallInsideV6], cancellation: cancellation)).OrThrow();
            }

            return router;
        }
        catch
        {
            await router.DisposeAsync();
            throw;
        }
    }

    /// <summary>IPv6 knows no way narrower than 1280 (RFC 8200, 5).</summary>
    private static string[] StepsV6(LabNetwork network, string name, int mtu) =>
    [
        $"-n {name} address add fd00:9:1::1/64 dev c nodad",
        $"-n {name} address add fd00:9:2::1/64 dev f nodad",
        $"-n {network.Client.Name} address add fd00:9:1::2/64 dev narrow nodad",
        $"-n {network.Firewall.Name} address add fd00:9:2::2/64 dev narrow nodad",
        $"-n {name} -6 route add {LabAddresses.FirewallInsideV6}/128 via fd00:9:2::2 mtu lock {mtu}",
        $"-n {name} -6 route add {LabAddresses.ClientV6}/128 via fd00:9:1::2 mtu lock {mtu}",
        $"-n {network.Client.Name} -6 route add {LabAddresses.FirewallInsideV6}/128 via fd00:9:1::1 src {LabAddresses.ClientV6}",
        $"-n {network.Firewall.Name} -6 route add {LabAddresses.ClientV6}/128 via fd00:9:2::1 src {LabAddresses.FirewallInsideV6}",
    ];

    public Task<CommandResult> RunAsync(string program, IReadOnlyList<string> arguments, CancellationToken cancellation) =>
        new LabCommand(program, [.. arguments]).Under("ip", "netns", "exec", _name).RunAsync(cancellation);

    public async ValueTask DisposeAsync()
    {
        // The links go with it, and the routes with them.
        await new LabCommand("ip", "netns", "delete", _name).RunAsync();
        foreach (LabNamespace machine in new[] { _network.Client, _network.Firewall })
            await machine.RunAsync("ip", ["link", "delete", "narrow"]);
    }
}
