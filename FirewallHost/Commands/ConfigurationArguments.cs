using System.CommandLine;
using FwRedirect.ControlChannel.Configuration;
using FwRedirect.FirewallHost.Configuration;

namespace FwRedirect.FirewallHost.Commands;

/// <summary>--config FILE, and any key of it as --Key value.</summary>
internal static class ConfigurationArguments
{
    public static Option<string> Config { get; } = new("--config")
    {
        Description = "The configuration file (JSON with comments). Each of its keys can also be given as --Key value, or as FWHOST_Key in the environment.",
        Required = true,
        HelpName = "FILE",
    };

    /// <summary>Where the options that a command line means are read, now and again later.</summary>
    public static ConfigurationSource Source(ParseResult parsed) => new(parsed.GetRequiredValue(Config), [.. parsed.UnmatchedTokens]);

    /// <summary>Reads the options that a command line means; null, with every mistake on the error output, where it can not.</summary>
    public static FirewallOptions? Read(ParseResult parsed)
    {
        try
        {
            return Source(parsed).Read();
        }
        catch (ConfigurationException e)
        {
            foreach (var error in e.Errors)
                Console.Error.WriteLine($"fwhost: {error}");
            return null;
        }
    }
}
