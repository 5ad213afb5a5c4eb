using System.CommandLine;
using FwRedirect.Diagnostics.Capture;

namespace FwRedirect.Diagnostics.Commands;

/// <summary><c>fwdiag capture</c>: packets of live interfaces into a pcap file, until a signal or a limit.</summary>
internal static class CaptureCommand
{
    public static Command Create(TimeProvider time)
    {
        var interfaces = new Option<string>("--interface", "-i")
        {
            Description = "Interfaces to capture on, separated by commas, or 'any'.",
            Required = true,
            HelpName = "name[,name]",
        };
        var output = new Option<string>("--output", "-o") { Description = "The pcap file to write.", Required = true, HelpName = "file" };
        var filter = new Option<string?>("--filter", "-f") { Description = "Only packets that match this pcap filter expression.", HelpName = "expression" };
        var duration = new Option<double?>("--duration") { Description = "Stop after so many seconds.", HelpName = "seconds" };
        var count = new Option<long?>("--count", "-c") { Description = "Stop after so many packets.", HelpName = "packets" };
        interfaces.Validators.Add(result =>
        {
            if (Names(result.GetValueOrDefault<string>()).Length == 0)
                result.AddError("--interface needs at least one name.");
        });
        duration.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<double?>() is not (null or (> 0 and <= 4_000_000)))
                result.AddError("--duration needs a number of seconds above 0 and at most 4000000.");
        });
        count.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<long?>() is < 1)
                result.AddError("--count needs a number above 0.");
        });
        var command = new Command("capture", "Capture packets into a file.") { interfaces, output, filter, duration, count };
        command.SetAction((parsed, stop) =>
        {
            var seconds = parsed.GetValue(duration);
            var options = new CaptureOptions(Names(parsed.GetValue(interfaces)), parsed.GetValue(output)!, parsed.GetValue(filter),
                seconds is null ? null : TimeSpan.FromSeconds(seconds.Value), parsed.GetValue(count));
            // Its own thread: the action has to return a task at once, or no signal would reach the stop token.
            return Task.Run(() => Run(options, time, parsed.InvocationConfiguration.Error, stop), CancellationToken.None);
        });
        return command;
    }

    private static int Run(CaptureOptions options, TimeProvider time, TextWriter error, CancellationToken stop)
    {
        try
        {
            using var capture = LiveCapture.Open(options, time);
            error.WriteLine($"capturing on {string.Join(", ", options.Interfaces)}");
            error.Flush();
            var (packets, dropped) = capture.Run(stop);
            error.WriteLine($"{packets} packets captured to {options.Output}, {dropped} dropped by the kernel");
            return ExitCode.Success;
        }
        catch (Exception e) when (e is CaptureException or IOException or UnauthorizedAccessException)
        {
            error.WriteLine($"fwdiag: {e.Message}");
            return ExitCode.Error;
        }
    }

    private static string[] Names(string? list) => (list ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
}
