using System.CommandLine;
using FwRedirect.Diagnostics.Commands;

var root = new RootCommand("Captures and reads the traffic of the redirector and its firewall.")
{
    CaptureCommand.Create(TimeProvider.System),
};
var parsed = root.Parse(args);
var exitCode = await parsed.InvokeAsync(new InvocationConfiguration { ProcessTerminationTimeout = TimeSpan.FromSeconds(5) });
return parsed.Errors.Count > 0 ? ExitCode.Usage : exitCode;
