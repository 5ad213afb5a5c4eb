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

    // This network (RFC 791), loopback, link-local (cloud metadata services live there), multicast and reserved up to broadcast, and their IPv6 twins.
    private static readonly IPNetwork[] NeverOutside =
    [
        IPNetwork.Parse("0.0.0.0/8"), IPNetwork.Parse("127.0.0.0/8"), IPNetwork.Parse("169.254.0.0/16"), IPNetwork.Parse("224.0.0.0/3"),
        IPNetwork.Parse("::/127"), IPNetwork.Parse("fe80::/10"), IPNetwork.Parse("ff00::/8"),
    ];

    public static LocalDestinations Of(FirewallOptions options) => new(
        options.InternalAddresses.Append(options.ExternalAddress).Concat(options.MoreExternalAddresses).Concat(OwnAddresses()),
        NeverOutside.Concat(options.LocalAddresses));

    public bool Contains(IPAddress address)
    {
        if (address.IsIPv4MappedToIPv6)
            address = address.MapToIPv4();
        return _addresses.Contains(address) || _networks.Any(network => network.Contains(address));
    }

    private static IEnumerable<IPAddress> OwnAddresses() =>
        NetworkInterface.GetAllNetworkInterfaces().SelectMany(card => card.GetIPProperties().UnicastAddresses).Select(unicast => unicast.Address);
}
