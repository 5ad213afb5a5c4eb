using System.CommandLine;

namespace FwRedirect.Redirector.Commands;

internal static class ConfigurationOption
{
    public static Option<string> Create() => new("--config", "-c")
    {
        Description = "Configuration file (JSON, comments allowed). Any of its keys can be given behind it too: --WhenFirewallUnreachable Direct",
        Required = true,
    };
}
