using System.CommandLine;
using FwRedirect.ControlChannel.Configuration;
using FwRedirect.Redirector.Installation;
using FwRedirect.Redirector.Installation.Linux;
using FwRedirect.Redirector.Installation.Windows;

namespace FwRedirect.Redirector.Commands;

/// <summary>What the verbs of the service have in common: this system's keeper of services, and its refusals as one sentence.</summary>
internal static class ServiceCommand
{
    public static Command Create(string name, string description, Func<ServiceVerbs, CancellationToken, Task<ServiceExitCode>> act)
    {
        var command = new Command(name, description);
        command.SetAction((_, cancellation) => RunAsync(verbs => act(verbs, cancellation)));
        return command;
    }

    public static async Task<int> RunAsync(Func<ServiceVerbs, Task<ServiceExitCode>> act)
    {
        try
        {
            return (int)await act(new ServiceVerbs(OpenControl(), OpenBlock(), TimeProvider.System, Console.Out, Console.Error));
        }
        catch (Exception failure) when (failure is ServiceControlException or ConfigurationException)
        {
            await Console.Error.WriteLineAsync(failure.Message);
            return (int)ServiceExitCode.Failed;
        }
    }

    private static IServiceControl OpenControl() =>
        OperatingSystem.IsWindows() ? new WindowsServiceControl()
        : OperatingSystem.IsLinux() ? SystemdServiceControl.Open()
        : throw new ServiceControlException("services are installed on Windows and on Linux with systemd only");

    /// <summary>The place where WhenNotRunning meets install and uninstall.</summary>
    private static WindowsStandingBlock? OpenBlock() => OperatingSystem.IsWindows() ? new WindowsStandingBlock() : null;
}
