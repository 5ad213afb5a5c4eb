using FwRedirect.Lab.Execution;
using FwRedirect.Lab.Network;
using FwRedirect.Lab.Product;
using FwRedirect.Lab.Servers;

namespace FwRedirect.Lab.Wine;

/// <summary>The lab with a Windows client: fwredirect.exe under Wine, fwhost on Linux, and the servers.</summary>
public sealed class WineRoad : IAsyncDisposable
{
    private readonly LabServers _servers;

    private WineRoad(LabNetwork network, LabServers servers, WinePrefix wine)
    {
        Network = network;
        _servers = servers;
        Wine = wine;
        Program = new WindowsRedirector(network, wine);
    }

    public LabNetwork Network { get; }

    public WinePrefix Wine { get; }

    public WindowsRedirector Program { get; }

    public LabProcess? Firewall { get; private set; }

    /// <summary>Null while it does not run, or runs as a service.</summary>
    public LabProcess? Redirector { get; private set; }

    /// <summary>All but fwredirect.exe itself, which has its own start.</summary>
    public static async Task<WineRoad> OpenAsync(CancellationToken cancellation = default)
    {
        LabNetwork network = await LabNetwork.CreateAsync(LabMode.Redirected, cancellation: cancellation);
        LabServers? servers = null;
        WineRoad? road = null;
        try
        {
            servers = await LabServers.StartAsync(network, cancellation);
            road = new WineRoad(network, servers, await WinePrefix.OpenAsync(network, cancellation));
            var firewall = new FirewallProgram(network) { Arguments = ["--Authentication", "None"] }; // NTLM does not work in Wine 8
            await firewall.ConfigureAsync(Account.Alice, cancellation);
            road.Firewall = await firewall.StartAsync(cancellation);
            await road.Program.ConfigureAsync(cancellation);
            return road;
        }
        catch
        {
            if (road is not null) await road.DisposeAsync();
            else
            {
                if (servers is not null) await servers.DisposeAsync();
                await network.DisposeAsync();
            }

            throw;
        }
    }

    public async Task StartRedirectorAsync(CancellationToken cancellation = default) => Redirector = await Program.StartAsync(cancellation);

    /// <summary>The Windows program of the tests, not started yet.</summary>
    public LabCommand WindowsProgram(params IReadOnlyList<string> arguments) => Wine.Command(WineFiles.WindowsProgram, arguments);

    public string Log() => string.Join('\n', new[] { _servers.Log(), Firewall?.Log() ?? "", Redirector?.Log() ?? "" }.Where(log => log.Length > 0));

    public async ValueTask DisposeAsync()
    {
        await Wine.DisposeAsync(); // with it all Windows programs
        if (Redirector is not null) await Redirector.DisposeAsync();
        if (Firewall is not null) await Firewall.DisposeAsync();
        await _servers.DisposeAsync();
        await Network.DisposeAsync();
    }
}
