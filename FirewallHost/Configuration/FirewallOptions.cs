using System.Net;
using System.Net.Sockets;
using FwRedirect.ControlChannel.Settings;
using FwRedirect.ControlChannel.Status;
using Microsoft.Extensions.Logging;

namespace FwRedirect.FirewallHost.Configuration;

/// <summary>All that the configuration says, checked; the keys of the same names are explained in README.md.</summary>
internal sealed record FirewallOptions
{
    public required string Name { get; init; }

    public required IReadOnlyList<IPAddress> InternalAddresses { get; init; }

    /// <summary>IPv4; null where the firewall has none outside.</summary>
    public IPAddress? ExternalAddress { get; init; }

    /// <summary>Its twin in IPv6. At least one of the two is there.</summary>
    public IPAddress? ExternalAddressIPv6 { get; init; }

    /// <summary>Further addresses of this machine outside, on which a program may be published; see ProxyBindIp.</summary>
    public IReadOnlyList<IPAddress> MoreExternalAddresses { get; init; } = [];

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

    /// <summary>Application settings for the clients.</summary>
    public ApplicationSettings Applications { get; init; } = ApplicationSettings.None;

    /// <summary>Of local addresses, local domains and application settings the client's own count before those from here.</summary>
    public bool ClientEntriesWin { get; init; } = true;

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

    /// <summary>All keys with their content as text, to see later what has changed.</summary>
    public IReadOnlyDictionary<string, string> Texts { get; init; } = new Dictionary<string, string>();

    /// <summary>All addresses of this machine that the outside sees.</summary>
    public IEnumerable<IPAddress> OutsideAddresses => new[] { ExternalAddress, ExternalAddressIPv6 }.OfType<IPAddress>().Concat(MoreExternalAddresses);

    /// <summary>What the outside sees of flows of this IP version; null: the firewall can not make any.</summary>
    public IPAddress? ExternalOf(AddressFamily family) => family switch
    {
        AddressFamily.InterNetwork => ExternalAddress,
        AddressFamily.InterNetworkV6 => ExternalAddressIPv6,
        _ => null,
    };

    /// <summary>What the clients are told.</summary>
    public FirewallSettings ForClients => new(ClientEntriesWin, LocalAddresses, LocalDomains, Applications);
}
