using System.Text.Json.Nodes;
using FwRedirect.Lab.Execution;
using FwRedirect.Lab.Load;
using FwRedirect.Lab.Network;
using FwRedirect.Lab.Product;

namespace FwRedirect.Tests.EndToEnd;

/// <summary>
/// A few hundred flows of all kinds over one road: a program inside with streams, idle connections, UDP sockets, listeners and short connections; somebody outside who is connected to each
/// listener; and downloads by curl.
/// </summary>
internal sealed class StandingLoad : IAsyncDisposable
{
    public const int Streams = 100;
    public const int Idle = 100;
    public const int Sockets = 50;
    public const int Listeners = 20;
    public const int Downloads = 5;

    private const int FirstListener = 21_000;

    /// <summary>More than all buffers between nginx and curl can hold: what is in them has arrived, whatever the rate.</summary>
    private const int Megabytes = 40;
    private static readonly TimeSpan Ready = TimeSpan.FromSeconds(30);

    private readonly LabRoad _road;
    private readonly LabProcess _inside;
    private readonly LabProcess _outside;
    private readonly LabProcess[] _downloads;

    private StandingLoad(LabRoad road, LabProcess inside, LabProcess outside, LabProcess[] downloads) =>
        (_road, _inside, _outside, _downloads) = (road, inside, outside, downloads);

    /// <summary>Of the program inside; null before <see cref="EndAsync"/>.</summary>
    public LoadReport? Inside { get; private set; }

    /// <summary>Of who is connected to the listeners.</summary>
    public LoadReport? Outside { get; private set; }

    public static async Task<StandingLoad> StartAsync(LabRoad road, CancellationToken cancellation)
    {
        await ApplicationSettings.UseAsync(road, new JsonObject { ["lab"] = new JsonObject { ["RemoteBindTcpPorts"] = $"{FirstListener}-{FirstListener + Listeners - 1}" } }, cancellation);
        string file = Path.Combine(road.Network.Folder, "web", "root", "load.bin");
        await File.WriteAllBytesAsync(file, Bytes(), cancellation);
        LabProcess inside = road.Network.Client.Start("load-inside", Command(
            $"{LabAddresses.Server}:{LabAddresses.EchoPort}", "--streams", $"{Streams}", "--idle", $"{Idle}", "--datagrams", $"{Sockets}", "--connects", "4", "--first-listener", $"{FirstListener}",
            "--listeners", $"{Listeners}"));
        await inside.WaitForLineAsync(line => line == "ready", Ready, cancellation);
        await ListeningAsync(road, cancellation);
        LabProcess outside = road.Network.Outside.Start("load-outside", Command(
            $"{LabAddresses.FirewallOutside}:{FirstListener}", "--ports", $"{Listeners}", "--streams", $"{Listeners}", "--connects", "2"));
        await outside.WaitForLineAsync(line => line == "ready", Ready, cancellation);
        LabProcess[] downloads =
        [
            .. Enumerable.Range(0, Downloads).Select(number => road.Network.Client.Start(
                $"download-{number}",
                new LabCommand("curl", "-sS", "--max-time", "60", "--limit-rate", "4M", "-o", Arrived(road, number), $"http://{LabAddresses.Server}/load.bin"))),
        ];
        for (int round = 0; round < 200 && !Enumerable.Range(0, Downloads).All(number => File.Exists(Arrived(road, number)) && new FileInfo(Arrived(road, number)).Length > 1 << 19); round++)
            await Task.Delay(TimeSpan.FromMilliseconds(50), cancellation);
        Assert.IsTrue(downloads.All(download => !download.HasExited), $"a download ended before anything was done: {string.Join('\n', downloads.Select(download => download.HasExited ? $"{download.ExitCode} {download.Log()}" : "runs"))}");
        return new StandingLoad(road, inside, outside, downloads);
    }

    /// <summary>Until each listener is bound outside, as both services count it.</summary>
    public static async Task ListeningAsync(LabRoad road, CancellationToken cancellation)
    {
        (long here, long there) = (0, 0);
        await Until.TrueAsync(
            async () =>
            {
                here = (await StatusReader.CountersAsync(road.RedirectorProgram.StatusSocket, cancellation))["bindings.listening"];
                there = (await StatusReader.CountersAsync(road.FirewallProgram.StatusSocket, cancellation))["bindings.listening"];
                return (here, there) == (Listeners, Listeners);
            },
            () => $"the listeners are not all bound outside: fwredirect counts {here}, fwhost {there}",
            cancellation);
    }

    /// <summary>The exit codes of the downloads that ended badly, and those whose file is not the server's. One that is under way has its time.</summary>
    public async Task<IReadOnlyList<string>> BrokenDownloadsAsync(CancellationToken cancellation)
    {
        var broken = new List<string>();
        byte[] expected = Bytes();
        for (int number = 0; number < Downloads; number++)
        {
            await _downloads[number].WaitForExitAsync(TimeSpan.FromSeconds(60), cancellation);
            if (_downloads[number].ExitCode != 0)
                broken.Add(_downloads[number].Log().Trim());
            else if (!(await File.ReadAllBytesAsync(Arrived(_road, number), cancellation)).AsSpan().SequenceEqual(expected))
                broken.Add($"download-{number} is not the server's file");
        }

        return broken;
    }

    /// <summary>Every connection that stands carries something once more, and both ends report.</summary>
    public async Task EndAsync()
    {
        // Who is connected to the listeners first.
        await _outside.StopAsync();
        await _inside.StopAsync();
        (Inside, Outside) = (LoadReport.Of(_inside.Lines), LoadReport.Of(_outside.Lines));
    }

    public async ValueTask DisposeAsync() => await Task.WhenAll(_downloads.Concat([_inside, _outside]).Select(process => process.DisposeAsync().AsTask()));

    private static LabCommand Command(string server, params string[] arguments) => new(Executables.Lab, ["load", "--to", server, .. arguments]);

    private static string Arrived(LabRoad road, int number) => Path.Combine(road.Network.Folder, $"load-{number}.bin");

    private static byte[] Bytes()
    {
        byte[] bytes = new byte[Megabytes << 20];
        new Random(7).NextBytes(bytes); // a fixed seed: a failure can be repeated
        return bytes;
    }
}
