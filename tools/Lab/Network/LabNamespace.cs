using FwRedirect.Lab.Execution;

namespace FwRedirect.Lab.Network;

/// <summary>One machine of the lab: a network namespace with its own /etc files.</summary>
public sealed class LabNamespace
{
    private readonly string _logFolder;

    internal LabNamespace(string name, string logFolder)
    {
        Name = name;
        _logFolder = logFolder;
    }

    public string Name { get; }

    /// <summary>`ip netns exec` puts these files over those in /etc for the programs inside.</summary>
    public string EtcFolder => $"/etc/netns/{Name}";

    public LabCommand Command(string program, params IReadOnlyList<string> arguments) =>
        new LabCommand(program, arguments).Under("ip", "netns", "exec", Name);

    /// <summary>Runs a program to its end inside.</summary>
    public Task<CommandResult> RunAsync(string program, IReadOnlyList<string> arguments, string? input = null, TimeSpan? timeout = null, CancellationToken cancellation = default) =>
        (Command(program, arguments) with { Input = input, Timeout = timeout ?? LabCommand.DefaultTimeout }).RunAsync(cancellation);

    /// <summary>Starts a long-running program inside. Its output goes to a log of its own, too.</summary>
    public LabProcess Start(string name, LabCommand command) =>
        LabProcess.Start(name, command.Under("ip", "netns", "exec", Name), LogFile(name));

    /// <summary>
    /// Enters the network namespace only. `ip netns exec` mounts a fresh /sys, in which the cgroup file system that
    /// the redirector attaches its socket events to is missing.
    /// </summary>
    public LabProcess StartOnMachine(string name, LabCommand command) =>
        LabProcess.Start(name, command.Under("nsenter", $"--net=/run/netns/{Name}"), LogFile(name));

    /// <summary>The ids of the processes that are inside now.</summary>
    public async Task<IReadOnlyList<int>> ProcessesAsync()
    {
        CommandResult result = await new LabCommand("ip", "netns", "pids", Name).RunAsync();
        return [.. result.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(int.Parse)];
    }

    private string LogFile(string name) => Path.Combine(_logFolder, $"{name}.log");
}
