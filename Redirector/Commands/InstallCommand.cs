using System.CommandLine;
using FwRedirect.Redirector.Configuration;
using FwRedirect.Redirector.Installation;

namespace FwRedirect.Redirector.Commands;

/// <summary>fwredirect install: the service, started with the machine. The configuration is read first; a wrong one is not installed.</summary>
internal static class InstallCommand
{
    public static Command Create()
    {
        var config = ConfigurationOption.Create();
        var command = new Command("install", "Install the service, or update it, to start with the machine: fwredirect install --config fwredirect.json")
        {
            config,
        };
        command.TreatUnmatchedTokensAsErrors = false;
        command.SetAction((parsed, _) => ServiceCommand.RunAsync(verbs => Task.FromResult(Install(verbs, parsed.GetRequiredValue(config), [.. parsed.UnmatchedTokens]))));
        return command;
    }

    private static ServiceExitCode Install(ServiceVerbs verbs, string file, string[] overrides)
    {
        var options = RedirectorOptionsReader.Read(file, overrides);
        var program = Environment.ProcessPath!;
        if (Path.GetFileNameWithoutExtension(program) == "dotnet")
            throw new ServiceControlException("a service needs the program's own file: call fwredirect itself, not \"dotnet fwredirect.dll\"");
        return verbs.Install(new ServiceDefinition(program, Path.GetFullPath(file), overrides), options);
    }
}
