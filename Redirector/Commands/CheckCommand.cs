using System.CommandLine;
using FwRedirect.ControlChannel.Configuration;
using FwRedirect.Redirector.Checks;
using FwRedirect.Redirector.Checks.Linux;
using FwRedirect.Redirector.Checks.Windows;
using FwRedirect.Redirector.Configuration;

namespace FwRedirect.Redirector.Commands;

/// <summary>fwredirect check: every mistake of a configuration, and everything that the machine lacks, at once.</summary>
internal static class CheckCommand
{
    public static Command Create()
    {
        var config = ConfigurationOption.Create();
        var only = new Option<bool>("--config-only") { Description = "Leave the machine alone: the file is for another one, or is written without rights" };
        var command = new Command("check", "Say what is wrong with the configuration and with this machine; exit code 1 where anything is")
        {
            config,
            only,
        };
        command.TreatUnmatchedTokensAsErrors = false;
        command.SetAction(parsed => Check(parsed.GetRequiredValue(config), [.. parsed.UnmatchedTokens], parsed.GetValue(only)));
        return command;
    }

    private static int Check(string file, string[] overrides, bool configurationOnly)
    {
        RedirectorOptions? options = null;
        try
        {
            options = RedirectorOptionsReader.Read(file, overrides);
            Console.WriteLine($"{file} is good: firewall {string.Join(", ", options.Firewalls)}, when it can not be reached: {options.WhenFirewallUnreachable}");
        }
        catch (ConfigurationException wrong)
        {
            Console.Error.WriteLine(wrong.Message);
        }

        var machineIsGood = configurationOnly || MachineChecks.Run(ForThisSystem(options), Console.Out);
        return options is not null && machineIsGood ? 0 : 1;
    }

    private static IReadOnlyList<IMachineCheck> ForThisSystem(RedirectorOptions? options) =>
        OperatingSystem.IsWindows() ? WindowsChecks.All(options) : OperatingSystem.IsLinux() ? LinuxChecks.All(options) : [];
}
