using System.Net;
using System.Runtime.Versioning;
using FwRedirect.Redirector.Diversion.Linux.Queues;

namespace FwRedirect.Redirector.Diversion.Linux.Rules;

/// <summary>What is diverted, and what becomes of it while nobody reads the queues.</summary>
[SupportedOSPlatform("linux")]
internal sealed record DiversionRuleOptions
{
    /// <summary>The firewall's inside addresses; answers and announced connections come from these.</summary>
    public required IReadOnlyList<IPAddress> FirewallAddresses { get; init; }

    public ushort ControlPort { get; init; } = 1745;

    /// <summary>TCP and UDP to these are never diverted: "192.168.0.0/24", "10.1.2.3", "10.0.0.1-10.0.0.9", and the same of IPv6.</summary>
    public IReadOnlyList<string> LocalDestinations { get; init; } = [];

    /// <summary>
    /// Fail-closed: what would be diverted and was not seen by us is refused at once, with RST or ICMP port unreachable. False: it goes its way.
    /// </summary>
    public bool RefuseUnseen { get; init; } = true;

    /// <summary>IPv6 that nobody has seen is refused too. False: it goes its way, if it has one.</summary>
    public bool RefuseIPv6 { get; init; } = true;

    public NfQueueOptions Queues { get; init; } = new();
}
