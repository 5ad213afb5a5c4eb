namespace FwRedirect.FirewallHost.Configuration;

/// <summary>The configuration can not be used; every reason, each naming its source and key.</summary>
internal sealed class ConfigurationException(IReadOnlyList<string> errors) : Exception(string.Join(Environment.NewLine, errors))
{
    public IReadOnlyList<string> Errors { get; } = errors;
}
