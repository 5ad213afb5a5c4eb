using System.Text.Json.Nodes;
using FwRedirect.Lab.Execution;
using FwRedirect.Lab.Network;

namespace FwRedirect.Lab.Product;

/// <summary>fwhost on the firewall: its configuration, its accounts and its start are told here and nowhere else.</summary>
public sealed class FirewallProgram(LabNetwork network)
{
    private static readonly TimeSpan StartBound = TimeSpan.FromSeconds(15);

    /// <summary>Of its log.</summary>
    public string Name { get; init; } = "fwhost";

    /// <summary>Keys over those of the file, as --Key value.</summary>
    public IReadOnlyList<string> Arguments { get; init; } = [];

    public IReadOnlyDictionary<string, string> Environment { get; init; } = new Dictionary<string, string>();

    public string ConfigurationFile => Path.Combine(network.Folder, "fwhost.json");

    public string AccessLogFile => Path.Combine(network.Folder, "access.log");

    public string StatusSocket => Path.Combine(network.Folder, "fwhost.sock");

    public async Task ConfigureAsync(Account account, CancellationToken cancellation = default)
    {
        bool v6 = network.IPv6 == LabIPv6.Firewall;
        var configuration = new JsonObject
        {
            ["InternalAddresses"] = v6 ? new JsonArray(LabAddresses.FirewallInside, LabAddresses.FirewallInsideV6) : new JsonArray(LabAddresses.FirewallInside),
            ["ExternalAddress"] = LabAddresses.FirewallOutside,
            ["ControlPort"] = 1745,
            ["DataPorts"] = "6789-6852",
            ["Authentication"] = "Required",
            ["Encryption"] = "Optional",
            ["DnsServers"] = new JsonArray(LabAddresses.NameServer),
            ["LocalAddresses"] = v6 ? new JsonArray("192.168.0.0/24", LabAddresses.InsideNetworkV6) : new JsonArray("192.168.0.0/24"),
            ["LocalDomains"] = new JsonArray("corp.example"),
            ["AccessLog"] = AccessLogFile,
            ["StatusEndpoint"] = StatusSocket,
        };
        if (v6) configuration["ExternalAddressIPv6"] = LabAddresses.FirewallOutsideV6;
        await File.WriteAllTextAsync(ConfigurationFile, configuration.ToJsonString(), cancellation);
        var addUser = new LabCommand(Executables.FirewallHost, "user", "add", account.Name, "--config", ConfigurationFile, "--password-stdin")
        {
            Input = $"{account.Password}\n",
        };
        (await addUser.RunAsync(cancellation)).OrThrow();
    }

    public async Task<LabProcess> StartAsync(CancellationToken cancellation = default)
    {
        LabProcess process = network.Firewall.StartOnMachine(Name, Command);
        return await process.WhenReadyAsync(StartBound, cancellation);
    }

    private LabCommand Command => new(Executables.FirewallHost, ["run", "--config", ConfigurationFile, .. Arguments]) { Environment = Environment };
}
