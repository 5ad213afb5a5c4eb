using System.CommandLine;
using System.Runtime.Versioning;
using FwRedirect.Redirector.Checks;
using FwRedirect.Redirector.Checks.Windows;
using FwRedirect.Redirector.Diversion.Windows.Routes;
using FwRedirect.Redirector.Service.Linux;
using FwRedirect.Redirector.Service.Windows;

namespace FwRedirect.Redirector.Commands;

/// <summary>fwredirect recover: what the next start would do first, for a machine where there will be none.</summary>
internal static class RecoverCommand
{
    public static Command Create()
    {
        var command = new Command("recover", "Undo what a killed fwredirect left on this machine (rules, route, stuck connections)");
        command.SetAction(_ => Recover());
        return command;
    }

    private static int Recover()
    {
        try
        {
            if (OperatingSystem.IsLinux())
                RecoverLinux();
            else if (OperatingSystem.IsWindows())
                return RecoverWindows();
            return 0;
        }
        catch (IOException failure)
        {
            Console.Error.WriteLine(failure.Message);
            return 1;
        }
    }

    [SupportedOSPlatform("linux")]
    private static void RecoverLinux()
    {
        var machine = new LinuxMachine(TimeProvider.System);
        using var claim = machine.Claim();
        Tell(machine.Recover());
    }

    /// <summary>The driver undoes its own work, and goes with its last handle; an entry of it that leads nowhere is named and left to the administrator, since it may be another product's.</summary>
    [SupportedOSPlatform("windows")]
    private static int RecoverWindows()
    {
        using var claim = MachineClaim.Take();
        Tell(FallbackRoute.Remove() ? "the default route of an earlier run" : null);
        return MachineChecks.Run([WindowsChecks.DriverService()], Console.Out) ? 0 : 1;
    }

    private static void Tell(string? found) => Console.WriteLine(found is null ? "nothing was left behind" : $"cleaned up: {found}");
}
