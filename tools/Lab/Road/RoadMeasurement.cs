using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using FwRedirect.Lab.Execution;
using FwRedirect.Lab.Network;
using FwRedirect.Lab.Product;
using FwRedirect.Lab.Servers;

namespace FwRedirect.Lab.Road;

/// <summary>One figure of the road, taken on the client within a few seconds.</summary>
internal sealed partial record RoadMeasurement(string Name, Func<LabNetwork, CancellationToken, Task<double>> TakeAsync)
{
    private const string Seconds = "2";

    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(20);

    private static string EchoEndpoint => $"{LabAddresses.Server}:{LabAddresses.EchoPort}";

    public static IReadOnlyList<RoadMeasurement> Throughput { get; } =
    [
        new("upload, 1 stream, Gbit/s", (network, cancellation) => SpeedAsync(network, cancellation)),
        new("upload, 8 streams, Gbit/s", (network, cancellation) => SpeedAsync(network, cancellation, "-P", "8")),
        new("download, 1 stream, Gbit/s", (network, cancellation) => SpeedAsync(network, cancellation, "-R")),
        new("download, 8 streams, Gbit/s", (network, cancellation) => SpeedAsync(network, cancellation, "-R", "-P", "8")),
    ];

    public static IReadOnlyList<RoadMeasurement> All { get; } =
    [
        .. Throughput,
        new("new connections a second", (network, cancellation) => ProbeAsync(network, "connections", PerSecond(), cancellation)),
        new("1-byte round trip, median us", (network, cancellation) => ProbeAsync(network, "round-trips", MedianTime(), cancellation)),
    ];

    /// <summary>Gbit/s that arrived.</summary>
    private static async Task<double> SpeedAsync(LabNetwork network, CancellationToken cancellation, params string[] more)
    {
        string[] arguments = ["-c", LabAddresses.Server, "-p", $"{SpeedServer.Port}", "-t", Seconds, "--connect-timeout", "3000", "-J", .. more];
        CommandResult result = (await network.Client.RunAsync("iperf3", arguments, timeout: Bound, cancellation: cancellation)).OrThrow();
        using JsonDocument document = JsonDocument.Parse(result.Output);
        return document.RootElement.GetProperty("end").GetProperty("sum_received").GetProperty("bits_per_second").GetDouble() / 1e9;
    }

    private static async Task<double> ProbeAsync(LabNetwork network, string verb, Regex figure, CancellationToken cancellation)
    {
        string[] arguments = [verb, "--to", EchoEndpoint, "--seconds", Seconds];
        CommandResult result = (await network.Client.RunAsync(Executables.Lab, arguments, timeout: Bound, cancellation: cancellation)).OrThrow();
        return double.Parse(figure.Match(result.Output).Groups["figure"].Value, CultureInfo.InvariantCulture);
    }

    [GeneratedRegex(@", (?<figure>[\d.]+) per second", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex PerSecond();

    [GeneratedRegex(@"median (?<figure>[\d.]+) us", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex MedianTime();
}
