using System.ComponentModel;
using System.Diagnostics;

namespace FwRedirect.Lab.Execution;

/// <summary>A program and its arguments, not started yet.</summary>
public sealed record LabCommand(string Program, params IReadOnlyList<string> Arguments)
{
    /// <summary>A bound for what has none of its own: no command of the lab may hang a test run.</summary>
    public static readonly TimeSpan DefaultTimeout = TimeSpan.FromSeconds(60);

    public string? Input { get; init; }

    public TimeSpan Timeout { get; init; } = DefaultTimeout;

    public IReadOnlyDictionary<string, string> Environment { get; init; } = new Dictionary<string, string>();

    public override string ToString() => $"{Program} {string.Join(' ', Arguments)}";

    /// <summary>The same command, run by another one, for example inside a namespace.</summary>
    public LabCommand Under(string program, params IEnumerable<string> arguments) =>
        this with { Program = program, Arguments = [.. arguments, Program, .. Arguments] };

    /// <summary>The same command, run by the account without rights.</summary>
    public LabCommand AsNobody() => AsUser("nobody", "nogroup");

    public LabCommand AsUser(string user, string group) => Under("setpriv", $"--reuid={user}", $"--regid={group}", "--clear-groups");

    /// <summary>Runs to the end. A command that outlives its time or the token is killed.</summary>
    /// <exception cref="LabException">The program does not exist, or took too long.</exception>
    public async Task<CommandResult> RunAsync(CancellationToken cancellation = default)
    {
        long started = Stopwatch.GetTimestamp();
        using Process process = Start();
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        timeout.CancelAfter(Timeout);
        Task<string> output = process.StandardOutput.ReadToEndAsync(CancellationToken.None);
        Task<string> error = process.StandardError.ReadToEndAsync(CancellationToken.None);
        try
        {
            await WriteInputAsync(process);
            await process.WaitForExitAsync(timeout.Token);
            await Task.WhenAll(output, error).WaitAsync(timeout.Token);
        }
        catch (OperationCanceledException exception) when (!cancellation.IsCancellationRequested)
        {
            process.Kill(entireProcessTree: true);
            throw new LabException($"'{this}' did not end within {Timeout.TotalSeconds:F0} s; it printed\n{await Printed(output)}{await Printed(error)}", exception);
        }
        catch
        {
            process.Kill(entireProcessTree: true);
            throw;
        }

        return new CommandResult(ToString(), process.ExitCode, await output, await error, Stopwatch.GetElapsedTime(started));
    }

    internal Process Start()
    {
        var start = new ProcessStartInfo(Program, Arguments)
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach ((string name, string value) in Environment)
            start.Environment[name] = value;
        try
        {
            return Process.Start(start) ?? throw new LabException($"'{this}' did not start");
        }
        catch (Win32Exception exception)
        {
            throw new LabException($"'{this}' did not start: {exception.Message}. tools/setup installs what the lab needs", exception);
        }
    }

    private async Task WriteInputAsync(Process process)
    {
        try
        {
            await process.StandardInput.WriteAsync(Input);
            process.StandardInput.Close();
        }
        catch (IOException)
        {
            // The program has ended without reading its input; its exit code says why.
        }
    }

    private static async Task<string> Printed(Task<string> reader) =>
        await Task.WhenAny(reader, Task.Delay(TimeSpan.FromSeconds(1), CancellationToken.None)) == reader ? await reader : "";
}
