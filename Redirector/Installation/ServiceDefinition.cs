namespace FwRedirect.Redirector.Installation;

/// <summary>What the system is told to run.</summary>
/// <param name="Program">Full path of this program's own file.</param>
/// <param name="ConfigurationFile">Full path: a service's working folder is not the administrator's.</param>
/// <param name="Overrides">Keys that were given behind the file.</param>
internal sealed record ServiceDefinition(string Program, string ConfigurationFile, IReadOnlyList<string> Overrides)
{
    public const string DisplayName = "FwRedirect";
    public const string Description = "Sends this machine's connections and name look-ups through the firewall.";

    public IReadOnlyList<string> CommandLine => [Program, "run", "--config", ConfigurationFile, .. Overrides];

    /// <summary>The configuration file of a command line that <see cref="CommandLine"/> made; null if it is another's.</summary>
    public static string? FindConfigurationFile(IReadOnlyList<string> commandLine)
    {
        for (var i = 1; i + 1 < commandLine.Count; i++)
        {
            if (commandLine[i] is "--config" or "-c")
                return commandLine[i + 1];
        }

        return null;
    }
}
