using System.CommandLine;
using FwRedirect.Diagnostics.Commands;

// A trace is thousands of lines: the console's writer would make a system call of each.
var output = new StreamWriter(Console.OpenStandardOutput(), bufferSize: 1 << 16);
var root = new RootCommand("Captures and reads the traffic of the redirector and its firewall.")
{
    DecodeCommand.Create(),
    CaptureCommand.Create(TimeProvider.System),
    StatusCommand.Create(),
    FlowsCommand.Create(),
};
var parsed = root.Parse(args);
var exitCode = await parsed.InvokeAsync(new InvocationConfiguration { Output = output, ProcessTerminationTimeout = TimeSpan.FromSeconds(5) });
try
{
    output.Flush();
}
catch (IOException)
{
    // The reader left, as "| head" does: nothing is lost that somebody wanted.
}
return parsed.Errors.Count > 0 ? ExitCode.Usage : exitCode;
