using System.CommandLine;
using FwRedirect.ControlChannel.Settings.Import;

namespace FwRedirect.FirewallHost.Commands;

/// <summary>fwhost import: the Firewall Client's files as parts of fwhost.json.</summary>
internal static class ImportCommand
{
    public static Command Create()
    {
        var files = new Argument<string[]>("FILE") { Description = "mspclnt.ini, common.ini, application.ini, wspcfg.ini, LocalLAT.txt", Arity = ArgumentArity.OneOrMore };
        var command = new Command("import", "Prints what files of the Firewall Client say as parts of fwhost.json; lines that can not be taken over are named.") { files };
        command.SetAction(parsed => ImportRun.Run(parsed.GetRequiredValue(files), ofClient: false, Console.Out, Console.Error));
        return command;
    }
}
