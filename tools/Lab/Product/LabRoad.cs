using FwRedirect.Lab.Execution;
using FwRedirect.Lab.Network;
using FwRedirect.Lab.Servers;

namespace FwRedirect.Lab.Product;

/// <summary>Everything between a program on the client and the servers: the network, the servers and, in redirected mode, both services.</summary>
public sealed class LabRoad : IAsyncDisposable
{
    private readonly List<LabProcess> _ended = [];

    private LabRoad(LabNetwork network, LabServers servers, IReadOnlyList<string> firewallArguments)
    {
        Network = network;
        Servers = servers;
        FirewallProgram = new FirewallProgram(network) { Arguments = firewallArguments };
        RedirectorProgram = new RedirectorProgram(network);
    }

    public LabNetwork Network { get; }

    public LabServers Servers { get; }

    public FirewallProgram FirewallProgram { get; }

    public RedirectorProgram RedirectorProgram { get; }

    /// <summary>Null outside redirected mode, and while it does not run.</summary>
    public LabProcess? Firewall { get; private set; }

    /// <summary>Null outside redirected mode, and while it does not run.</summary>
    public LabProcess? Redirector { get; private set; }

    /// <summary>Another password than the account's makes the firewall refuse the session.</summary>
    /// <param name="firewallArguments">Keys of fwhost over those of its file.</param>
    public static async Task<LabRoad> OpenAsync(
        LabMode mode, string? password = null, IReadOnlyList<string>? firewallArguments = null, CancellationToken cancellation = default)
    {
        LabNetwork network = await LabNetwork.CreateAsync(mode, cancellation);
        LabRoad? road = null;
        try
        {
            road = new LabRoad(network, await LabServers.StartAsync(network, cancellation), firewallArguments ?? []);
            if (mode == LabMode.Redirected)
            {
                await road.FirewallProgram.ConfigureAsync(Account.Alice, cancellation);
                await road.RedirectorProgram.ConfigureAsync(Account.Alice, password ?? Account.Alice.Password, cancellation);
                await road.StartFirewallAsync(cancellation);
                await road.StartRedirectorAsync(cancellation);
            }

            return road;
        }
        catch
        {
            await (road?.DisposeAsync() ?? network.DisposeAsync());
            throw;
        }
    }

    public async Task StartFirewallAsync(CancellationToken cancellation = default) => Firewall = await FirewallProgram.StartAsync(cancellation);

    public async Task StartRedirectorAsync(CancellationToken cancellation = default) => Redirector = await RedirectorProgram.StartAsync(cancellation);

    /// <summary>kill -9; the dead program's log stays part of <see cref="Log"/>.</summary>
    public async Task KillFirewallAsync()
    {
        await KillAsync(Firewall);
        Firewall = null;
    }

    /// <summary>kill -9; the dead program's log stays part of <see cref="Log"/>.</summary>
    public async Task KillRedirectorAsync()
    {
        await KillAsync(Redirector);
        Redirector = null;
    }

    /// <summary>What all programs have printed so far; given to whoever looks for the reason of a failure.</summary>
    public string Log()
    {
        IEnumerable<string> logs = _ended.Concat([Firewall, Redirector]).Select(process => process?.Log() ?? "").Prepend(Servers.Log());
        return string.Join('\n', logs.Where(log => log.Length > 0));
    }

    public async ValueTask DisposeAsync()
    {
        // The client's service first: it says good-bye to the firewall's.
        if (Redirector is not null) await Redirector.DisposeAsync();
        if (Firewall is not null) await Firewall.DisposeAsync();
        await Servers.DisposeAsync();
        await Network.DisposeAsync();
    }

    private async Task KillAsync(LabProcess? process)
    {
        ArgumentNullException.ThrowIfNull(process);
        process.Kill();
        await process.DisposeAsync();
        _ended.Add(process);
    }
}
