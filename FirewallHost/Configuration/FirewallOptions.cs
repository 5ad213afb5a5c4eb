using System.Net;
using FwRedirect.ControlChannel.Status;
using Microsoft.Extensions.Logging;

namespace FwRedirect.FirewallHost.Configuration;

/// <summary>All that the configuration says, checked; the keys of the same names are explained in README.md.</summary>
internal sealed record FirewallOptions
{
    public required string Name { get; init; }

    public required IReadOnlyList<IPAddress> InternalAddresses { get; init; }

    public required IPAddress ExternalAddress { get; init; }

    public int ControlPort { get; init; } = 1745;

    /// <summary>The shared range; null for "dynamic".</summary>
    public PortRange? DataPorts { get; init; }

    public AuthenticationMode Authentication { get; init; }

    public EncryptionMode Encryption { get; init; } = EncryptionMode.Optional;

    public IReadOnlyList<IPEndPoint> DnsServers { get; init; } = [];

    /// <summary>Where clients may be, and where no connection goes; empty where nothing is given.</summary>
    public IReadOnlyList<IPNetwork> LocalAddresses { get; init; } = [];

    public IReadOnlyList<string> LocalDomains { get; init; } = [];

    public IReadOnlyList<AccessRule> Rules { get; init; } = [];

    public string? AccessLog { get; init; }

    public string Domain { get; init; } = "";

    public required string AccountFile { get; init; }

    public TimeSpan KeepAlive { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>How long a session whose connection is lost is kept for its client; zero: not at all.</summary>
    public TimeSpan ResumeGrace { get; init; } = TimeSpan.FromSeconds(45);

    public UdpOptions Udp { get; init; } = new();

    /// <summary>Where the service tells how it is; null: nowhere.</summary>
    public StatusEndpoint? StatusEndpoint { get; init; }

    public LogLevel LogLevel { get; init; } = LogLevel.Information;

    /// <summary>Keys that are accepted and have no effect in this version.</summary>
    public IReadOnlyList<string> Unused { get; init; } = [];
}
