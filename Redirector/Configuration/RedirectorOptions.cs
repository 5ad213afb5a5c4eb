using System.Net;
using FwRedirect.ControlChannel.Settings;
using FwRedirect.ControlChannel.Status;
using Microsoft.Extensions.Logging;

namespace FwRedirect.Redirector.Configuration;

/// <summary>All that the configuration says, checked; the keys of the same names are explained in README.md.</summary>
internal sealed record RedirectorOptions
{
    /// <summary>Name or address of the firewall.</summary>
    public required string FirewallHost { get; init; }

    public int ControlPort { get; init; } = 1745;

    /// <summary>Destinations that programs reach without the firewall, beside the machine's own networks and routes.</summary>
    public IReadOnlyList<IPNetwork> LocalAddresses { get; init; } = [];

    /// <summary>Names that are looked up without the firewall; "*" is all of them.</summary>
    public IReadOnlyList<string> LocalDomains { get; init; } = [];

    /// <summary>Application settings of this machine.</summary>
    public ApplicationSettings Applications { get; init; } = ApplicationSettings.None;

    /// <summary>The first that matches decides.</summary>
    public IReadOnlyList<RedirectionRule> Rules { get; init; } = [];

    /// <summary>Whom to log on as for the programs that <see cref="CredentialUse"/> names; null: the credentials of the process.</summary>
    public NetworkCredential? Credential { get; init; }

    public CredentialUse CredentialUse { get; init; }

    /// <summary>The service principal that the firewall has to prove to be; null: the name that it gives itself decides.</summary>
    public string? ServicePrincipalName { get; init; }

    public UnreachableTreatment WhenFirewallUnreachable { get; init; }

    /// <summary>Windows only.</summary>
    public NotRunningTreatment WhenNotRunning { get; init; }

    /// <summary>Windows: SHA-256 in hexadecimal of WinDivert files that are taken besides the official ones.</summary>
    public IReadOnlyList<string> DriverHashes { get; init; } = [];

    /// <summary>Linux: the cgroup whose programs are watched for connects and listens; null is the root, all of them.</summary>
    public string? Cgroup { get; init; }

    /// <summary>Where the service tells how it is; null: nowhere.</summary>
    public StatusEndpoint? StatusEndpoint { get; init; }

    public LogLevel LogLevel { get; init; } = LogLevel.Information;
}
