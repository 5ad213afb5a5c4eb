using System.CommandLine;
using FwRedirect.Redirector.Service.Linux;

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
        if (!OperatingSystem.IsLinux())
        {
            Console.WriteLine("nothing to do: on Windows the driver undoes its own work");
            return 0;
        }

        try
        {
            var machine = new LinuxMachine(TimeProvider.System);
            using var claim = machine.Claim();
            Console.WriteLine(machine.Recover() is { } found ? $"cleaned up: {found}" : "nothing was left behind");
            return 0;
        }
        catch (IOException failure)
        {
            Console.Error.WriteLine(failure.Message);
            return 1;
        }
    }
}
