using System.CommandLine;
using FwRedirect.FirewallHost.Control;

namespace FwRedirect.FirewallHost.Commands;

/// <summary>fwhost run: the service itself, until it is told to stop.</summary>
internal static class RunCommand
{
    public static Command Create()
    {
        var command = new Command("run", "Runs the firewall until SIGTERM or Ctrl-C.") { ConfigurationArguments.Config };
        // What is left over are keys of the configuration; the configuration refuses those that it does not know.
        command.TreatUnmatchedTokensAsErrors = false;
        command.SetAction(RunAsync);
        return command;
    }

    private static async Task<int> RunAsync(ParseResult parsed, CancellationToken stop)
    {
        if (ConfigurationArguments.Read(parsed) is not { } options)
            return ExitCode.Usage;
        try
        {
            await using var service = new FirewallService(options, ConfigurationArguments.Source(parsed), TimeProvider.System);
            await service.StartAsync(stop);
            await Console.Out.WriteLineAsync($"fwhost is ready: {service.Description}");
            await service.WaitForStopAsync(stop);
            return ExitCode.Success;
        }
        catch (StartFailure e)
        {
            await Console.Error.WriteLineAsync($"fwhost: {e.Message}");
            return ExitCode.Failed;
        }
        catch (OperationCanceledException)
        {
            return ExitCode.Success;
        }
    }
}
