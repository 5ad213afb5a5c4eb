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
    ExplainCommand.Create(),
    ImportCommand.Create(),
    RecoverCommand.Create(),
    InstallCommand.Create(),
    ServiceCommand.Create("uninstall", "Stop the service and remove it; the configuration file is left", (verbs, cancellation) => verbs.UninstallAsync(cancellation)),
    ServiceCommand.Create("start", "Start the installed service and wait until it diverts", (verbs, cancellation) => verbs.StartAsync(cancellation)),
    ServiceCommand.Create("stop", "Stop the installed service and wait until it has undone its changes", (verbs, cancellation) => verbs.StopAsync(cancellation)),
    ServiceCommand.Create("status", "Say how the service is; exit code 0 running, 3 not running, 4 not installed", (verbs, _) => Task.FromResult(verbs.Status())),
};
// The host listens to the signals. The command line's own handling would end the process two seconds after one, with rules and route still in place.
return await root.Parse(args).InvokeAsync(new InvocationConfiguration { ProcessTerminationTimeout = null });
