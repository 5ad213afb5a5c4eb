using System.Security.Cryptography;
using System.Text.Json.Nodes;
using FwRedirect.Lab.Execution;
using FwRedirect.Lab.Network;
using FwRedirect.Lab.Product;

namespace FwRedirect.Lab.Wine;

/// <summary>fwredirect.exe on the client, with the stand-in for the driver beside it.</summary>
public sealed class WindowsRedirector(LabNetwork network, WinePrefix wine)
{
    /// <summary>Of tools/windivert-standin: its queues, and the mark of what it has sent itself.</summary>
    private const string Mark = "0x2000/0x2000";
    private const int OutboundQueue = 0x5744;
    private const int InboundQueue = 0x5745;

    private static readonly TimeSpan StartBound = TimeSpan.FromSeconds(60);

    public string ConfigurationFile => Path.Combine(network.Folder, "fwredirect-windows.json");

    /// <summary>
    /// NTLM does not work in Wine 8, so that nobody logs on. The service can not add a route there either: the client has one, to the firewall, which does
    /// not forward.
    /// </summary>
    public async Task ConfigureAsync(CancellationToken cancellation = default)
    {
        await WriteConfigurationAsync(ConfigurationFile, cancellation);
        (await new LabCommand("ip", "-n", network.Client.Name, "route", "add", "default", "via", LabAddresses.FirewallInside).RunAsync(cancellation)).OrThrow();
        await QueueAsync("raw", "OUTPUT", OutboundQueue, cancellation);
        await QueueAsync("mangle", "INPUT", InboundQueue, cancellation);
    }

    /// <summary>`fwredirect.exe VERB --config FILE [--Key value]`, not started yet.</summary>
    public LabCommand Command(string verb, bool withDriver = true, params string[] overrides) =>
        wine.Command(
            withDriver ? WineFiles.Redirector : WineFiles.BareRedirector,
            [verb, "--config", WinePrefix.WindowsPath(ConfigurationFile), .. overrides]) with
        {
            Timeout = StartBound,
        };

    /// <summary>A verb that takes no configuration: start, stop, status, uninstall.</summary>
    public LabCommand Verb(string verb) => wine.Command(WineFiles.Redirector, verb) with { Timeout = StartBound };

    public async Task<LabProcess> StartAsync(CancellationToken cancellation = default)
    {
        LabProcess process = network.Client.Start("fwredirect.exe", Command("run"));
        return await process.WhenReadyAsync(StartBound, cancellation);
    }

    private static async Task WriteConfigurationAsync(string file, CancellationToken cancellation)
    {
        var configuration = new JsonObject
        {
            ["Firewall"] = $"{LabAddresses.FirewallInside}:1745",
            ["WhenFirewallUnreachable"] = "Block",
            ["DriverHashes"] = new JsonArray(await HashAsync(WineFiles.StandIn, cancellation), await HashAsync(WineFiles.StandInDriver, cancellation)),
        };
        await File.WriteAllTextAsync(file, configuration.ToJsonString(), cancellation);
    }

    private static async Task<string> HashAsync(string file, CancellationToken cancellation)
    {
        await using FileStream stream = File.OpenRead(file);
        return Convert.ToHexStringLower(await SHA256.HashDataAsync(stream, cancellation));
    }

    /// <summary>All packets but the stand-in's own; the filter of the handle chooses among them. Nobody there: they pass.</summary>
    private async Task QueueAsync(string table, string chain, int queue, CancellationToken cancellation) =>
        (await network.Client.RunAsync(
            "iptables", ["-t", table, "-A", chain, "-m", "mark", "!", "--mark", Mark, "-j", "NFQUEUE", "--queue-num", $"{queue}", "--queue-bypass"],
            cancellation: cancellation)).OrThrow();
}
