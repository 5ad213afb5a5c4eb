using System.Net;
using System.Net.NetworkInformation;
using FwRedirect.FirewallHost.Configuration;

namespace FwRedirect.FirewallHost.Policy;

/// <summary>
/// What no client may reach through the firewall: the firewall itself, its loopback, the inside. Without this a client could use it to get at services that trust
/// the firewall's own address, or at other clients under a false one.
/// </summary>
internal sealed class LocalDestinations(IEnumerable<IPAddress> addresses, IEnumerable<IPNetwork> networks)
{
    private readonly HashSet<IPAddress> _addresses = [.. addresses];
    private readonly IPNetwork[] _networks = [.. networks];

    // This network (RFC 791), loopback, link-local (cloud metadata services live there), multicast and reserved up to broadcast, and their IPv6 twins; ::/96 was once IPv4 in the
    // form of IPv6 (RFC 4291, 2.5.5.1).
    private static readonly IPNetwork[] NeverOutside =
    [
        IPNetwork.Parse("0.0.0.0/8"), IPNetwork.Parse("127.0.0.0/8"), IPNetwork.Parse("169.254.0.0/16"), IPNetwork.Parse("224.0.0.0/3"),
        IPNetwork.Parse("::/96"), IPNetwork.Parse("fe80::/10"), IPNetwork.Parse("ff00::/8"),
    ];

    public static LocalDestinations Of(FirewallOptions options) => new(
        options.InternalAddresses.Concat(options.OutsideAddresses).Concat(OwnAddresses()),
        NeverOutside.Concat(options.LocalAddresses));

    /// <summary>A mapped address is in no packet, whatever it stands for (RFC 4291, 2.5.5.2): by none gets anybody past a rule that speaks of IPv4.</summary>
    public bool Contains(IPAddress address) =>
        address.IsIPv4MappedToIPv6 || _addresses.Contains(address) || _networks.Any(network => network.Contains(address));

    private static IEnumerable<IPAddress> OwnAddresses() =>
        NetworkInterface.GetAllNetworkInterfaces().SelectMany(card => card.GetIPProperties().UnicastAddresses).Select(unicast => unicast.Address);
}
