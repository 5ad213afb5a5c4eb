using System.Diagnostics;
using FwRedirect.Lab.Demo;
using FwRedirect.Lab.Execution;
using FwRedirect.Lab.Network;
using FwRedirect.Lab.Product;

namespace FwRedirect.Lab.Commands;

/// <summary>`lab demo`: 0 only if the session worked and both captures read like the article's.</summary>
internal static class DemoCommand
{
    public static async Task<int> RunAsync(bool keep, bool verbose, CancellationToken cancellation)
    {
        long started = Stopwatch.GetTimestamp();
        await using LabRoad road = await LabRoad.OpenAsync(LabMode.Redirected, cancellation: cancellation);
        Console.WriteLine($"The lab is up after {Stopwatch.GetElapsedTime(started).TotalSeconds:F1} s: client, firewall (not forwarding), outside.\n");
        bool worked;
        try
        {
            (string inside, string outside) = await CaptureSessionAsync(road, cancellation);
            worked = await CheckAsync(inside, outside, cancellation);
        }
        catch (LabException exception)
        {
            await Console.Error.WriteLineAsync($"lab: {exception.Message}");
            worked = false;
        }

        if (verbose || !worked) await Console.Error.WriteLineAsync($"\nWhat the programs printed:\n{road.Log()}");
        if (keep) await ShellCommand.KeepAsync(road.Network, cancellation);
        return worked ? 0 : 1;
    }

    private static async Task<(string Inside, string Outside)> CaptureSessionAsync(LabRoad road, CancellationToken cancellation)
    {
        await using Capture inside = await Capture.StartAsync(road.Network, "inside", cancellation);
        await using Capture outside = await Capture.StartAsync(road.Network, "outside", cancellation);
        CommandResult session = await ArticleSession.RunAsync(road.Network, cancellation);
        Console.WriteLine($"{session.CommandLine}\n\n{session.Output}");
        return (inside.File, outside.File);
    }

    private static async Task<bool> CheckAsync(string inside, string outside, CancellationToken cancellation)
    {
        DecodedCapture insideTrace = await DecodedCapture.DecodeAsync([inside], cancellation);
        DecodedCapture outsideTrace = await DecodedCapture.DecodeAsync([outside], cancellation);
        Console.WriteLine($"The inside link, between client and firewall:\n\n{insideTrace}\n\nThe outside link, between firewall and servers:\n\n{outsideTrace}\n");
        DecodedCapture bothTraces = await DecodedCapture.DecodeAsync([inside, outside], cancellation);

        var variables = new Dictionary<string, string> { ["user"] = Account.Alice.User, ["domain"] = Account.Alice.Domain };
        (string Name, Sequence Sequence, DecodedCapture Capture)[] checks =
        [
            ("the inside link", ArticleSequence.Inside, insideTrace),
            ("the outside link", ArticleSequence.Outside, outsideTrace),
            ("the order between both links", ArticleSequence.BothLinks, bothTraces),
        ];
        foreach ((string name, Sequence sequence, DecodedCapture trace) in checks)
        {
            if (sequence.Check(trace.Lines, variables) is { } difference)
            {
                await Console.Error.WriteLineAsync($"DIFFERENT: {name} does not read like the article's\n{difference}");
                return false;
            }
        }

        Console.WriteLine("OK: the session worked, and both links read like the article's F1 to F37.");
        return true;
    }
}
