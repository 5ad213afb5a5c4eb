using FwRedirect.Lab.Execution;

namespace FwRedirect.Lab.Network;

/// <summary>
/// Three machines, each a network namespace: client - firewall - outside. Nothing of it is visible to the machine's own network:
/// the links are made inside the namespaces. Disposing removes everything.
/// </summary>
public sealed class LabNetwork : IAsyncDisposable
{
    private readonly LabRun _run;

    private LabNetwork(LabRun run, LabMode mode, LabIPv6 ipv6)
    {
        _run = run;
        Mode = mode;
        IPv6 = ipv6;
        Client = new LabNamespace($"{run.Name}-client", run.Folder);
        Firewall = new LabNamespace($"{run.Name}-firewall", run.Folder);
        Outside = new LabNamespace($"{run.Name}-outside", run.Folder);
    }

    public LabMode Mode { get; }

    public LabIPv6 IPv6 { get; }

    public LabNamespace Client { get; }

    public LabNamespace Firewall { get; }

    public LabNamespace Outside { get; }

    /// <summary>Files of this run: configurations, logs, captures.</summary>
    public string Folder => _run.Folder;

    /// <summary>What of this run is on the machine: namespaces, their /etc folders, the folder of files. Empty once disposed.</summary>
    public IReadOnlyList<string> Remains => LabRemains.Entries(_run);

    /// <summary>Needs root. Sweeps first what killed runs have left.</summary>
    public static async Task<LabNetwork> CreateAsync(LabMode mode, LabIPv6 ipv6 = LabIPv6.None, CancellationToken cancellation = default)
    {
        await LabRemains.RemoveDeadRunsAsync();
        var network = new LabNetwork(LabRun.Next(), mode, ipv6);
        try
        {
            await network.BuildAsync(cancellation);
            return network;
        }
        catch
        {
            await network.DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync() => await LabRemains.RemoveAsync(_run);

    private async Task BuildAsync(CancellationToken cancellation)
    {
        _run.CreateFolder();
        foreach (LabNamespace space in new[] { Client, Firewall, Outside })
        {
            WriteEtcFiles(space);
            await IpAsync(["netns", "add", space.Name], cancellation);
        }

        await LinkAsync(Client, Firewall, "inside", cancellation);
        await LinkAsync(Firewall, Outside, "outside", cancellation);
        await ConfigureAsync(Client, "inside", [LabAddresses.Client], cancellation);
        await ConfigureAsync(Firewall, "inside", [LabAddresses.FirewallInside], cancellation);
        await ConfigureAsync(Firewall, "outside", [LabAddresses.FirewallOutside], cancellation);
        await ConfigureAsync(Outside, "outside", [LabAddresses.Server, LabAddresses.NameServer], cancellation);
        await IpAsync(["-n", Firewall.Name, "route", "add", "unreachable", LabAddresses.Unreachable], cancellation);
        await SetForwardingAsync(cancellation);
        if (IPv6 != LabIPv6.None) await AddIPv6Async(cancellation);
    }

    private async Task AddIPv6Async(CancellationToken cancellation)
    {
        (LabNamespace Space, string Link, string Address)[] all =
        [
            (Client, "inside", LabAddresses.ClientV6), (Firewall, "inside", LabAddresses.FirewallInsideV6), (Firewall, "outside", LabAddresses.FirewallOutsideV6),
            (Outside, "outside", LabAddresses.ServerV6), (Outside, "outside", LabAddresses.NameServerV6),
        ];
        foreach (LabNamespace space in all.Select(entry => entry.Space).Distinct())
            await SysctlAsync(space, "net.ipv6.conf.all.disable_ipv6", "0", cancellation);
        // Nobody else is on these links: an address is to be had at once.
        foreach ((LabNamespace space, string link, string address) in all)
            await IpAsync(["-n", space.Name, "address", "add", $"{address}/64", "dev", link, "nodad"], cancellation);
        await IpAsync(["-n", Firewall.Name, "-6", "route", "add", "unreachable", LabAddresses.UnreachableV6], cancellation);
        if (IPv6 != LabIPv6.Router) return;
        await SysctlAsync(Firewall, "net.ipv6.conf.all.forwarding", "1", cancellation);
        await IpAsync(["-n", Client.Name, "-6", "route", "add", "default", "via", LabAddresses.FirewallInsideV6], cancellation);
        await IpAsync(["-n", Outside.Name, "-6", "route", "add", "default", "via", LabAddresses.FirewallOutsideV6], cancellation);
    }

    private async Task SetForwardingAsync(CancellationToken cancellation)
    {
        bool forward = Mode != LabMode.Redirected;
        await SysctlAsync(Firewall, "net.ipv4.ip_forward", forward ? "1" : "0", cancellation);
        if (!forward) return;
        await IpAsync(["-n", Client.Name, "route", "add", "default", "via", LabAddresses.FirewallInside], cancellation);
        if (Mode == LabMode.Routed)
            await IpAsync(["-n", Outside.Name, "route", "add", "192.168.0.0/24", "via", LabAddresses.FirewallOutside], cancellation);
        else
            (await Firewall.RunAsync("iptables", ["-t", "nat", "-A", "POSTROUTING", "-o", "outside", "-j", "MASQUERADE"], cancellation: cancellation)).OrThrow();
    }

    private static async Task LinkAsync(LabNamespace one, LabNamespace other, string name, CancellationToken cancellation) =>
        await IpAsync(["-n", one.Name, "link", "add", name, "type", "veth", "peer", "name", name, "netns", other.Name], cancellation);

    private static async Task ConfigureAsync(LabNamespace space, string link, string[] addresses, CancellationToken cancellation)
    {
        await SysctlAsync(space, "net.ipv6.conf.all.disable_ipv6", "1", cancellation);
        foreach (string address in addresses)
            await IpAsync(["-n", space.Name, "address", "add", $"{address}/24", "dev", link], cancellation);
        await IpAsync(["-n", space.Name, "link", "set", "lo", "up"], cancellation);
        await IpAsync(["-n", space.Name, "link", "set", link, "up"], cancellation);
    }

    /// <summary>A kernel without IPv6 has no such key, and then needs none.</summary>
    private static async Task SysctlAsync(LabNamespace space, string key, string value, CancellationToken cancellation)
    {
        CommandResult result = await space.RunAsync("sysctl", ["-q", "-w", $"{key}={value}"], cancellation: cancellation);
        if (!key.Contains("ipv6", StringComparison.Ordinal)) result.OrThrow();
    }

    private static async Task IpAsync(string[] arguments, CancellationToken cancellation) =>
        (await new LabCommand("ip", arguments).RunAsync(cancellation)).OrThrow();

    private static void WriteEtcFiles(LabNamespace space)
    {
        Directory.CreateDirectory(space.EtcFolder);
        File.WriteAllText($"{space.EtcFolder}/resolv.conf", $"nameserver {LabAddresses.NameServer}\noptions timeout:2 attempts:1\n");
        File.WriteAllText($"{space.EtcFolder}/nsswitch.conf", "passwd: files\ngroup: files\nshadow: files\nhosts: files dns\nservices: files\nprotocols: files\n");
        File.WriteAllText($"{space.EtcFolder}/hosts", "127.0.0.1 localhost\n");
    }
}
