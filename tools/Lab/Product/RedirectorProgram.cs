using System.Text.Json.Nodes;
using FwRedirect.Lab.Execution;
using FwRedirect.Lab.Network;

namespace FwRedirect.Lab.Product;

/// <summary>fwredirect on the client.</summary>
public sealed class RedirectorProgram(LabNetwork network)
{
    private static readonly TimeSpan StartBound = TimeSpan.FromSeconds(15);

    /// <summary>Keys over those of the file, as --Key value.</summary>
    public IReadOnlyList<string> Arguments { get; init; } = [];

    public IReadOnlyDictionary<string, string> Environment { get; init; } = new Dictionary<string, string>();

    public string ConfigurationFile => Path.Combine(network.Folder, "fwredirect.json");

    public string StatusSocket => Path.Combine(network.Folder, "fwredirect.sock");

    /// <summary>The password is the caller's, so that a test can give a wrong one.</summary>
    public async Task ConfigureAsync(Account account, string password, CancellationToken cancellation = default)
    {
        string passwordFile = Path.Combine(network.Folder, "alice.password");
        await File.WriteAllTextAsync(passwordFile, password, cancellation);
        File.SetUnixFileMode(passwordFile, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        var configuration = new JsonObject
        {
            ["Firewall"] = $"{LabAddresses.FirewallInside}:1745",
            ["LocalAddresses"] = new JsonArray(),
            ["LocalDomains"] = new JsonArray(),
            ["Credentials"] = new JsonObject { ["User"] = account.Name, ["PasswordFile"] = passwordFile },
            ["WhenFirewallUnreachable"] = "Block",
            ["StatusEndpoint"] = StatusSocket,
        };
        await File.WriteAllTextAsync(ConfigurationFile, configuration.ToJsonString(), cancellation);
    }

    public async Task<LabProcess> StartAsync(CancellationToken cancellation = default)
    {
        LabProcess process = network.Client.StartOnMachine("fwredirect", Command);
        return await process.WhenReadyAsync(StartBound, cancellation);
    }

    private LabCommand Command => new(Executables.Redirector, ["run", "--config", ConfigurationFile, .. Arguments]) { Environment = Environment };
}
