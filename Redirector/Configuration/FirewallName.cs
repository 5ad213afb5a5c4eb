namespace FwRedirect.Redirector.Configuration;

/// <summary>A firewall as the configuration names it.</summary>
/// <param name="Host">Name or IPv4 address.</param>
/// <param name="Port">Of its control channel.</param>
internal sealed record FirewallName(string Host, int Port)
{
    /// <summary>The service principal that it has to prove to be, where nothing else is said: a name that the administrator wrote is to be proved; by an address nobody has a principal.</summary>
    public string? DefaultPrincipal => Uri.CheckHostName(Host) == UriHostNameType.Dns ? $"HOST/{Host}" : null;

    public override string ToString() => $"{Host}:{Port}";
}
