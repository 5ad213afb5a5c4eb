using System.Net;
using System.Runtime.Versioning;

namespace FwRedirect.Redirector.Diversion.Windows.Filters;

/// <summary>What the filter is made from.</summary>
[SupportedOSPlatform("windows")]
internal sealed record DiversionFilterOptions
{
    /// <summary>The firewall's inside addresses; answers and announced connections come from these.</summary>
    public required IReadOnlyList<IPAddress> FirewallAddresses { get; init; }

    public ushort ControlPort { get; init; } = 1745;

    /// <summary>TCP, UDP and pings to these are not diverted, as far as the filter has room; the rules decide about every destination once more.</summary>
    public IReadOnlyList<IPNetwork> LocalNetworks { get; init; } = [];

    /// <summary>IPv6 that can not be redirected is refused: its UDP and pings are diverted too.</summary>
    public bool RefuseIPv6 { get; init; } = true;
}
