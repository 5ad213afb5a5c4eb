using System.CommandLine;
using FwRedirect.FirewallHost.Commands;

var root = new RootCommand("The firewall's side of FwRedirect: does on behalf of its clients what the policy allows.")
{
    RunCommand.Create(),
    CheckCommand.Create(),
    UserCommand.Create(),
};
var parsed = root.Parse(args);
var result = await parsed.InvokeAsync();
return parsed.Errors.Count > 0 ? ExitCode.Usage : result;
