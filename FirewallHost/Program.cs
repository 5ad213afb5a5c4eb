using System.CommandLine;
using FwRedirect.FirewallHost.Commands;

var root = new RootCommand("The firewall's side of FwRedirect: does on behalf of its clients what the policy allows.")
{
    RunCommand.Create(),
    CheckCommand.Create(),
    UserCommand.Create(),
    ImportCommand.Create(),
};
var parsed = root.Parse(args);
// A stop says good-bye to every client; the command line's default would end the process two seconds after the signal.
var result = await parsed.InvokeAsync(new InvocationConfiguration { ProcessTerminationTimeout = TimeSpan.FromSeconds(30) });
return parsed.Errors.Count > 0 ? ExitCode.Usage : result;
