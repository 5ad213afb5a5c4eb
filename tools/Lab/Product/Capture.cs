using FwRedirect.Lab.Execution;
using FwRedirect.Lab.Network;

namespace FwRedirect.Lab.Product;

/// <summary>`fwdiag capture` on one link of the firewall, from the constructor's return to <see cref="DisposeAsync"/>.</summary>
public sealed class Capture : IAsyncDisposable
{
    private static readonly TimeSpan StartBound = TimeSpan.FromSeconds(15);

    private readonly LabProcess _process;

    private Capture(LabProcess process, string file)
    {
        _process = process;
        File = file;
    }

    public string File { get; }

    /// <summary>Link is "inside" or "outside".</summary>
    public static async Task<Capture> StartAsync(LabNetwork network, string link, CancellationToken cancellation = default)
    {
        string file = Path.Combine(network.Folder, $"{link}.pcap");
        // SIGTERM, not SIGINT: a shell starts its background jobs with SIGINT ignored, and programs inherit that.
        var command = new LabCommand(Executables.Diagnostics, "capture", "--interface", link, "--output", file);
        LabProcess process = network.Firewall.Start($"capture-{link}", command);
        try
        {
            await process.WaitForLineAsync(line => line.Contains("capturing on", StringComparison.OrdinalIgnoreCase), StartBound, cancellation);
            return new Capture(process, file);
        }
        catch
        {
            await process.DisposeAsync();
            throw;
        }
    }

    /// <summary>Ends the capture; the file is complete afterwards.</summary>
    public async ValueTask DisposeAsync() => await _process.DisposeAsync();
}
