using System.Globalization;
using FwRedirect.Lab.Network;
using FwRedirect.Lab.Product;
using FwRedirect.Lab.Road;

namespace FwRedirect.Lab.Commands;

/// <summary>`lab road`: both labs stand side by side and every figure is taken in turn, so that the machine's moods meet both.</summary>
internal static class RoadCommand
{
    public static async Task<int> RunAsync(int rounds, CancellationToken cancellation)
    {
        await using LabRoad redirected = await LabRoad.OpenAsync(LabMode.Redirected, cancellation: cancellation);
        await using LabRoad plain = await LabRoad.OpenAsync(LabMode.Masqueraded, cancellation: cancellation);
        var results = RoadMeasurement.All.ToDictionary(measurement => measurement, _ => (Plain: new List<double>(), Redirected: new List<double>()));
        for (int round = 0; round < rounds; round++)
        {
            foreach (RoadMeasurement measurement in RoadMeasurement.All)
            {
                results[measurement].Plain.Add(await measurement.TakeAsync(plain.Network, cancellation));
                results[measurement].Redirected.Add(await measurement.TakeAsync(redirected.Network, cancellation));
                await Console.Error.WriteLineAsync($"round {round + 1} of {rounds}: {measurement.Name}");
            }
        }

        Console.WriteLine($"{"medians of " + rounds,-34}{"plain firewall",16}{"FwRedirect",16}{"ratio",8}");
        foreach ((RoadMeasurement measurement, (List<double> plainFigures, List<double> redirectedFigures)) in results)
        {
            (double before, double after) = (Median.Of(plainFigures), Median.Of(redirectedFigures));
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{measurement.Name,-34}{before,16:N1}{after,16:N1}{after / before,8:F2}"));
        }

        return 0;
    }
}
