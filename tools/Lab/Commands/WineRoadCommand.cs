using System.Globalization;
using FwRedirect.Lab.Execution;
using FwRedirect.Lab.Network;
using FwRedirect.Lab.Product;
using FwRedirect.Lab.Road;
using FwRedirect.Lab.Wine;

namespace FwRedirect.Lab.Commands;

/// <summary>`lab wine-road`: the Windows build under Wine and the Linux build, each in a lab of its own, every figure taken in turn.</summary>
internal static class WineRoadCommand
{
    public static async Task<int> RunAsync(int rounds, CancellationToken cancellation)
    {
        if (WineFiles.Missing() is { } reason) throw new LabException(reason);
        await using WineRoad windows = await WineRoad.OpenAsync(cancellation);
        await windows.StartRedirectorAsync(cancellation);
        await using LabRoad linux = await LabRoad.OpenAsync(LabMode.Redirected, cancellation: cancellation);
        await using LabRoad plain = await LabRoad.OpenAsync(LabMode.Masqueraded, cancellation: cancellation);
        (string Name, LabNetwork Network)[] roads = [("plain firewall", plain.Network), ("Linux build", linux.Network), ("win-x64, Wine", windows.Network)];
        var figures = new Dictionary<(RoadMeasurement, string), List<double>>();
        for (int round = 0; round < rounds; round++)
        {
            foreach (RoadMeasurement measurement in RoadMeasurement.Throughput)
            {
                foreach ((string name, LabNetwork network) in roads)
                {
                    if (!figures.TryGetValue((measurement, name), out List<double>? list)) figures[(measurement, name)] = list = [];
                    list.Add(await measurement.TakeAsync(network, cancellation));
                }

                await Console.Error.WriteLineAsync($"round {round + 1} of {rounds}: {measurement.Name}");
            }
        }

        Console.WriteLine($"{"medians of " + rounds,-34}{string.Concat(roads.Select(road => $"{road.Name,18}"))}");
        foreach (RoadMeasurement measurement in RoadMeasurement.Throughput)
        {
            IEnumerable<string> cells = roads.Select(road => Median.Of(figures[(measurement, road.Name)]).ToString("N1", CultureInfo.InvariantCulture));
            Console.WriteLine($"{measurement.Name,-34}{string.Concat(cells.Select(cell => $"{cell,18}"))}");
        }

        return 0;
    }
}
