using System.CommandLine;
using FwRedirect.ControlChannel.Configuration;
using FwRedirect.Redirector.Configuration;

namespace FwRedirect.Redirector.Commands;

/// <summary>fwredirect check: every mistake of a configuration at once.</summary>
internal static class CheckCommand
{
    public static Command Create()
    {
        var config = ConfigurationOption.Create();
        var command = new Command("check", "Read the configuration and say what is wrong with it")
        {
            config,
        };
        command.TreatUnmatchedTokensAsErrors = false;
        command.SetAction(parsed => Check(parsed.GetRequiredValue(config), [.. parsed.UnmatchedTokens]));
        return command;
    }

    private static int Check(string file, string[] overrides)
    {
        try
        {
            var options = RedirectorOptionsReader.Read(file, overrides);
            Console.WriteLine($"{file} is good: firewall {options.FirewallHost}:{options.ControlPort}, when it can not be reached: {options.WhenFirewallUnreachable}");
            return 0;
        }
        catch (ConfigurationException wrong)
        {
            Console.Error.WriteLine(wrong.Message);
            return 1;
        }
    }
}
