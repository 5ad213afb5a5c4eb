using System.CommandLine;
using FwRedirect.FirewallHost.Accounts;

namespace FwRedirect.FirewallHost.Commands;

/// <summary>fwhost check: says what is wrong with a configuration, and changes nothing.</summary>
internal static class CheckCommand
{
    public static Command Create()
    {
        var command = new Command("check", "Checks the configuration and the account file, and lists every mistake.")
        {
            ConfigurationArguments.Config,
        };
        command.TreatUnmatchedTokensAsErrors = false;
        command.SetAction(Check);
        return command;
    }

    private static int Check(ParseResult parsed)
    {
        if (ConfigurationArguments.Read(parsed) is not { } options)
            return ExitCode.Usage;
        if (new AccountFile(options.AccountFile).Complaint() is { } complaint)
        {
            Console.Error.WriteLine($"fwhost: {complaint}");
            return ExitCode.Usage;
        }

        Console.WriteLine($"{parsed.GetRequiredValue(ConfigurationArguments.Config)} is in order");
        return ExitCode.Success;
    }
}
