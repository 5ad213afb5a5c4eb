namespace FwRedirect.Lab.Execution;

/// <summary>What a command that has ended left: its exit code, what it printed, and how long it took.</summary>
public sealed record CommandResult(string CommandLine, int ExitCode, string Output, string Error, TimeSpan Elapsed)
{
    /// <summary>This result, or a <see cref="LabException"/> with everything that the command printed.</summary>
    public CommandResult OrThrow() =>
        ExitCode == 0 ? this : throw new LabException($"{this}");

    public override string ToString() =>
        $"'{CommandLine}' ended with {ExitCode} after {Elapsed.TotalSeconds:F2} s\n{Output}{Error}".TrimEnd();
}
