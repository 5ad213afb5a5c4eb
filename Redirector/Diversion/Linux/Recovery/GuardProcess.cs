using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Runtime.Versioning;
using FwRedirect.Redirector.Diversion.Linux.Native;

namespace FwRedirect.Redirector.Diversion.Linux.Recovery;

/// <summary>
/// A second process that outlives the service: it waits on a pipe whose other end only the service holds. When that closes without a good-bye the service was
/// killed, and the guard does what the service no longer can. In the network namespace of the thread that starts it.
/// </summary>
[SupportedOSPlatform("linux")]
internal sealed class GuardProcess : IDisposable
{
    private const byte GoodBye = (byte)'b';
    private const string KeepRefusingOption = "--keep-refusing";

    /// <summary>The guard has nothing to do after a good-bye; only a machine without memory keeps it longer.</summary>
    private static readonly TimeSpan LongestEnd = TimeSpan.FromSeconds(5);

    private readonly Process _process;
    private bool _disposed;

    private GuardProcess(Process process) => _process = process;

    public int Id => _process.Id;

    /// <summary>Starts <paramref name="program"/> (this program's own file) with <paramref name="verb"/> and the arguments that <see cref="Run(ReadOnlySpan{string}, Stream)"/> takes.</summary>
    /// <param name="program">Full path of the executable.</param>
    /// <param name="verb">What makes it a guard: ["guard"].</param>
    /// <param name="journal">This run's journal.</param>
    /// <param name="keepRefusing">True to go on refusing after a kill (Block); false to undo everything (Direct).</param>
    public static GuardProcess Start(string program, IEnumerable<string> verb, FlowJournal journal, bool keepRefusing)
    {
        string[] options = keepRefusing ? [journal.FilePath, journal.RunId.ToString(), KeepRefusingOption] : [journal.FilePath, journal.RunId.ToString()];
        var start = new ProcessStartInfo(program, [.. verb, .. options]) { UseShellExecute = false, RedirectStandardInput = true, WorkingDirectory = "/" };
        return new GuardProcess(Process.Start(start) ?? throw new IOException($"the guard {program} did not start"));
    }

    /// <summary>The guard's own life, with the arguments after the verb. Returns the exit code.</summary>
    public static int Run(ReadOnlySpan<string> arguments)
    {
        // A Ctrl-C at the terminal and a stop of the whole service group are meant for the service; its good-bye, or its death, ends us.
        _ = Libc.NewSession();
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, context => context.Cancel = true);
        using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, context => context.Cancel = true);
        using var hangUp = PosixSignalRegistration.Create(PosixSignal.SIGHUP, context => context.Cancel = true);
        using var input = Console.OpenStandardInput();
        return Run(arguments, input);
    }

    /// <summary>The same with any stream as the service's end: journal path, run id, and the option to keep refusing.</summary>
    public static int Run(ReadOnlySpan<string> arguments, Stream service)
    {
        if (arguments.Length < 2 || !Guid.TryParse(arguments[1], out var run)) return 2;
        if (service.ReadByte() == GoodBye) return 0;
        // The next run may have begun already: it has cleaned up itself, and what is there now is its own.
        if (FlowJournal.ReadRunId(arguments[0]) != run) return 0;
        NetworkRecovery.RunAfterKill(arguments[0], arguments[2..].Contains(KeepRefusingOption));
        return 0;
    }

    /// <summary>Says good-bye; to be called when everything is undone.</summary>
    public void Dispose()
    {
        if (_disposed) return;
        _disposed = true;
        try
        {
            _process.StandardInput.BaseStream.WriteByte(GoodBye);
            _process.StandardInput.Close();
            _process.WaitForExit(LongestEnd);
        }
        catch (IOException)
        {
            // It is gone already.
        }

        _process.Dispose();
    }
}
