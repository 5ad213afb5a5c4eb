namespace FwRedirect.FirewallHost.Configuration;

/// <summary>Where the options come from; they can be read again.</summary>
internal sealed record ConfigurationSource(string File, string[] CommandLine)
{
    /// <exception cref="ControlChannel.Configuration.ConfigurationException">With every mistake there is.</exception>
    public FirewallOptions Read() => FirewallOptionsReader.Read(File, CommandLine);
}
