using FwRedirect.Lab.Execution;
using FwRedirect.Lab.Network;
using FwRedirect.Lab.Product;
using FwRedirect.Lab.Servers;

namespace FwRedirect.Tests.EndToEnd;

/// <summary>Both services, a web server outside, and a KDC inside that knows alice and the firewall.</summary>
internal sealed class KerberosRoad : IAsyncDisposable
{
    private readonly LabNetwork _network;
    private readonly Stack<IAsyncDisposable> _started = new();
    private KerberosServer? _kerberos;

    private KerberosRoad(LabNetwork network)
    {
        _network = network;
        _started.Push(network);
    }

    public LabProcess Firewall { get; private set; } = null!;

    public LabProcess Redirector { get; private set; } = null!;

    public static async Task<KerberosRoad> OpenAsync(bool ownTickets, string servicePrincipalName, CancellationToken cancellation)
    {
        var road = new KerberosRoad(await LabNetwork.CreateAsync(LabMode.Redirected, cancellation: cancellation));
        try
        {
            await road.StartAsync(ownTickets, servicePrincipalName, cancellation);
            return road;
        }
        catch
        {
            await road.DisposeAsync();
            throw;
        }
    }

    public Task<CommandResult> GetPageAsync(CancellationToken cancellation) => _network.Client.RunAsync(
        "curl", ["--silent", "--show-error", "--max-time", "20", $"http://{LabAddresses.Server}/"], cancellation: cancellation);

    public string Log() => string.Join('\n', _kerberos?.Log(), Firewall?.Log(), Redirector?.Log());

    public async ValueTask DisposeAsync()
    {
        while (_started.TryPop(out IAsyncDisposable? started))
            await started.DisposeAsync();
    }

    private async Task StartAsync(bool ownTickets, string servicePrincipalName, CancellationToken cancellation)
    {
        _started.Push(await WebServer.StartAsync(_network, cancellation));
        _started.Push(_kerberos = await KerberosServer.StartAsync(_network, cancellation));
        var firewall = new FirewallProgram(_network) { Arguments = ["--Name", KerberosServer.FirewallName], Environment = _kerberos.FirewallEnvironment };
        await firewall.ConfigureAsync(Account.Alice, cancellation);
        _started.Push(Firewall = await firewall.StartAsync(cancellation));
        if (ownTickets)
            await _kerberos.GetTicketsAsync(cancellation);
        var redirector = new RedirectorProgram(_network)
        {
            Arguments =
            [
                "--ServicePrincipalName", servicePrincipalName, "--Credentials:User", ownTickets ? "" : KerberosServer.User,
                .. ownTickets ? ["--Credentials:PasswordFile", ""] : Array.Empty<string>(),
            ],
            Environment = ownTickets ? _kerberos.AliceEnvironment : _kerberos.ClientEnvironment,
        };
        await redirector.ConfigureAsync(Account.Alice, KerberosServer.Password, cancellation);
        _started.Push(Redirector = await redirector.StartAsync(cancellation));
    }
}
