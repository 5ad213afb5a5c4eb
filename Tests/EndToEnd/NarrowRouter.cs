using FwRedirect.Lab.Execution;
using FwRedirect.Lab.Network;

namespace FwRedirect.Tests.EndToEnd;

/// <summary>A router between two neighbours of the lab, with links as wide as theirs and a narrow way in the middle; gone when disposed.</summary>
internal sealed class NarrowRouter : IAsyncDisposable
{
    private readonly LabNamespace[] _machines;
    private readonly string _name;

    private NarrowRouter(LabNetwork network, params LabNamespace[] machines)
    {
        _machines = machines;
        // Begins as the run's other machines do, so that a killed run's is swept with them.
        _name = network.Client.Name[..network.Client.Name.LastIndexOf('-')] + "-router";
    }

    /// <summary>Between the client and the firewall.</summary>
    public static Task<NarrowRouter> InsertAsync(LabNetwork network, int mtu, CancellationToken cancellation) =>
        InsertAsync(
            new NarrowRouter(network, network.Client, network.Firewall), network,
            (LabAddresses.Client, LabAddresses.ClientV6), (LabAddresses.FirewallInside, LabAddresses.FirewallInsideV6), mtu, cancellation);

    /// <summary>Between the firewall and the servers.</summary>
    public static Task<NarrowRouter> InsertOutsideAsync(LabNetwork network, int mtu, CancellationToken cancellation) =>
        InsertAsync(
            new NarrowRouter(network, network.Firewall, network.Outside), network,
            (LabAddresses.FirewallOutside, LabAddresses.FirewallOutsideV6), (LabAddresses.Server, LabAddresses.ServerV6), mtu, cancellation);

    private static async Task<NarrowRouter> InsertAsync(
        NarrowRouter router, LabNetwork network, (string V4, string V6) near, (string V4, string V6) far, int mtu, CancellationToken cancellation)
    {
        (string here, string there) = (router._machines[0].Name, router._machines[1].Name);
        string name = router._name;
        string[] steps =
        [
            $"netns add {name}",
            $"-n {name} link add c type veth peer name narrow netns {here}",
            $"-n {name} link add f type veth peer name narrow netns {there}",
            $"-n {name} address add 10.9.1.1/30 dev c",
            $"-n {name} address add 10.9.2.1/30 dev f",
            $"-n {here} address add 10.9.1.2/30 dev narrow",
            $"-n {there} address add 10.9.2.2/30 dev narrow",
            $"-n {name} link set c up",
            $"-n {name} link set f up",
            $"-n {here} link set narrow up",
            $"-n {there} link set narrow up",
            $"-n {name} route add {far.V4}/32 via 10.9.2.2 mtu lock {mtu}",
            $"-n {name} route add {near.V4}/32 via 10.9.1.2 mtu lock {mtu}",
            $"-n {here} route add {far.V4}/32 via 10.9.1.1 src {near.V4}",
            $"-n {there} route add {near.V4}/32 via 10.9.2.1 src {far.V4}",
            .. network.IPv6 == LabIPv6.None ? [] : StepsV6(name, here, there, near.V6, far.V6, mtu),
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
    private static string[] StepsV6(string name, string here, string there, string near, string far, int mtu) =>
    [
        $"-n {name} address add fd00:9:1::1/64 dev c nodad",
        $"-n {name} address add fd00:9:2::1/64 dev f nodad",
        $"-n {here} address add fd00:9:1::2/64 dev narrow nodad",
        $"-n {there} address add fd00:9:2::2/64 dev narrow nodad",
        $"-n {name} -6 route add {far}/128 via fd00:9:2::2 mtu lock {mtu}",
        $"-n {name} -6 route add {near}/128 via fd00:9:1::2 mtu lock {mtu}",
        $"-n {here} -6 route add {far}/128 via fd00:9:1::1 src {near}",
        $"-n {there} -6 route add {near}/128 via fd00:9:2::1 src {far}",
    ];

    public Task<CommandResult> RunAsync(string program, IReadOnlyList<string> arguments, CancellationToken cancellation) =>
        new LabCommand(program, [.. arguments]).Under("ip", "netns", "exec", _name).RunAsync(cancellation);

    public async ValueTask DisposeAsync()
    {
        // The links go with it, and the routes with them.
        await new LabCommand("ip", "netns", "delete", _name).RunAsync();
        foreach (LabNamespace machine in _machines)
            await machine.RunAsync("ip", ["link", "delete", "narrow"]);
    }
}
