using System.Text.Json.Nodes;
using FwRedirect.Lab.Execution;
using FwRedirect.Lab.Network;

namespace FwRedirect.Lab.Product;

/// <summary>fwhost on the firewall: its configuration, its accounts and its start are told here and nowhere else.</summary>
public sealed class FirewallProgram(LabNetwork network)
{
    /// <summary>Of the key Authentication: nobody is asked who it is.</summary>
    public const string AnybodyMayUseIt = "None";

    private const string EverybodyLogsOn = "Required";

    private static readonly TimeSpan StartBound = TimeSpan.FromSeconds(15);

    public string ConfigurationFile => Path.Combine(network.Folder, "fwhost.json");

    public string AccessLogFile => Path.Combine(network.Folder, "access.log");

    public Task ConfigureAsync(Account account, CancellationToken cancellation = default) => ConfigureAsync(account, EverybodyLogsOn, cancellation);

    public async Task ConfigureAsync(Account account, string authentication, CancellationToken cancellation = default)
    {
        var configuration = new JsonObject
        {
            ["InternalAddresses"] = new JsonArray(LabAddresses.FirewallInside),
            ["ExternalAddress"] = LabAddresses.FirewallOutside,
            ["ControlPort"] = 1745,
            ["DataPorts"] = "6789-6852",
            ["Authentication"] = authentication,
            ["Encryption"] = "Optional",
            ["DnsServers"] = new JsonArray(LabAddresses.NameServer),
            ["LocalAddresses"] = new JsonArray("192.168.0.0/24"),
            ["LocalDomains"] = new JsonArray("corp.example"),
            ["AccessLog"] = AccessLogFile,
            ["StatusEndpoint"] = Path.Combine(network.Folder, "fwhost.sock"),
        };
        await File.WriteAllTextAsync(ConfigurationFile, configuration.ToJsonString(), cancellation);
        var addUser = new LabCommand(Executables.FirewallHost, "user", "add", account.Name, "--config", ConfigurationFile, "--password-stdin")
        {
            Input = $"{account.Password}\n",
        };
        (await addUser.RunAsync(cancellation)).OrThrow();
    }

    public async Task<LabProcess> StartAsync(CancellationToken cancellation = default)
    {
        LabProcess process = network.Firewall.StartOnMachine("fwhost", new LabCommand(Executables.FirewallHost, "run", "--config", ConfigurationFile));
        return await process.WhenReadyAsync(StartBound, cancellation);
    }
}
