using System.CommandLine;
using FwRedirect.Redirector.Commands;
using FwRedirect.Redirector.Diversion.Linux.Recovery;
using FwRedirect.Redirector.Service.Linux;

// The guard is no verb for people: it is started by the service and answers to it alone.
if (OperatingSystem.IsLinux() && args is [LinuxMachine.GuardVerb, ..])
    return GuardProcess.Run(args.AsSpan(1));

var root = new RootCommand("Sends this machine's connections and name look-ups through the firewall.")
{
    RunCommand.Create(),
    CheckCommand.Create(),
    RecoverCommand.Create(),
};
// The host listens to the signals. The command line's own handling would end the process two seconds after one, with rules and route still in place.
return await root.Parse(args).InvokeAsync(new InvocationConfiguration { ProcessTerminationTimeout = null });
