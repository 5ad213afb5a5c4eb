using System.Net;
using System.Net.Sockets;
using FwRedirect.Redirector.Engine;
using FwRedirect.Redirector.Packets;

namespace FwRedirect.Redirector.Rules;

/// <summary>
/// Which destinations are reached without the firewall. First come the machine's own networks and routes, as the Firewall Client took its client's routing
/// table; then what the administrator lists. Each entry knows where it is from. The control channel is local wherever the firewall is: redirected, it would wait for itself.
/// </summary>
internal sealed class LocalDestinations : IDestinationRules
{
    /// <summary>Never anybody's business but the machine's own: loopback, link-local, multicast, broadcast (RFC 6890). Unique local addresses (fc00::/7) are not: they are near where a route leads there.</summary>
    public static readonly IReadOnlyList<LocalNetwork> Always =
    [
        new(IPNetwork.Parse("0.0.0.0/8"), "this network"), new(IPNetwork.Parse("127.0.0.0/8"), "loopback"), new(IPNetwork.Parse("169.254.0.0/16"), "link-local"),
        new(IPNetwork.Parse("224.0.0.0/4"), "multicast"), new(IPNetwork.Parse("240.0.0.0/4"), "reserved and broadcast"),
        new(IPNetwork.Parse("::1/128"), "loopback"), new(IPNetwork.Parse("fe80::/10"), "link-local"), new(IPNetwork.Parse("ff00::/8"), "multicast"),
    ];

    private volatile PacketEndpoint[] _controls = [];

    /// <summary>Replaced as a whole and never changed: a packet's look-up takes no lock.</summary>
    private volatile Entry[] _entries = [];

    private volatile EntryV6[] _entriesV6 = [];

    /// <param name="networks">The first that matches is the why.</param>
    /// <param name="controlEndpoints">The firewalls', where control channels are dialled.</param>
    public LocalDestinations(IEnumerable<LocalNetwork> networks, params IEnumerable<IPEndPoint> controlEndpoints)
    {
        ReplaceControls(controlEndpoints);
        Replace(networks);
    }

    /// <summary>From here on the control channel goes to these.</summary>
    public void ReplaceControls(IEnumerable<IPEndPoint> endpoints) => _controls = [.. endpoints.Select(PacketEndpoint.From)];

    /// <summary>From here on these are local, and no others. Flows that are decided go on as they were.</summary>
    public void Replace(IEnumerable<LocalNetwork> networks)
    {
        var all = networks.ToLookup(n => n.Network.BaseAddress.AddressFamily);
        _entries = [.. all[AddressFamily.InterNetwork].Select(n => new Entry(n))];
        _entriesV6 = [.. all[AddressFamily.InterNetworkV6].Select(n => new EntryV6(n))];
    }

    public bool IsLocal(PacketEndpoint destination) => Why(destination) is not null;

    /// <summary>The entry that makes <paramref name="destination"/> local, in words; null where it is not local.</summary>
    public string? Why(PacketEndpoint destination)
    {
        foreach (var control in _controls)
        {
            if (destination == control)
                return "the control channel";
        }

        if (!destination.IsIPv4)
            return WhyV6(destination.Address);
        foreach (var entry in _entries)
        {
            if ((destination.IPv4 & entry.Mask) == entry.Base)
                return entry.Why;
        }

        return null;
    }

    private string? WhyV6(UInt128 destination)
    {
        foreach (var entry in _entriesV6)
        {
            if ((destination & entry.Mask) == entry.Base)
                return entry.Why;
        }

        return null;
    }

    private readonly struct Entry(LocalNetwork local)
    {
        public readonly uint Mask = local.Network.PrefixLength == 0 ? 0 : uint.MaxValue << (32 - local.Network.PrefixLength);
        public readonly uint Base = PacketEndpoint.From(local.Network.BaseAddress, 0).IPv4;
        public readonly string Why = $"{local.Network} ({local.Source})";
    }

    private readonly struct EntryV6(LocalNetwork local)
    {
        public readonly UInt128 Mask = local.Network.PrefixLength == 0 ? 0 : UInt128.MaxValue << (128 - local.Network.PrefixLength);
        public readonly UInt128 Base = PacketEndpoint.From(local.Network.BaseAddress, 0).Address;
        public readonly string Why = $"{local.Network} ({local.Source})";
    }
}
