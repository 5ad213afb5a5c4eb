using System.Net;
using System.Net.NetworkInformation;
using FwRedirect.FirewallHost.Configuration;

namespace FwRedirect.FirewallHost.Control;

/// <summary>Which inside address of the other IP version belongs to one that a client has reached.</summary>
/// <param name="cards">The network card of each address of this machine.</param>
internal sealed class InsideAddresses(FirewallOptions options, IReadOnlyDictionary<IPAddress, string> cards)
{
    public static InsideAddresses Of(FirewallOptions options) => new(options, Cards());

    /// <summary>The one on the same network card, where there is one: a firewall may have several networks inside. Null where nothing is to be had in that IP version.</summary>
    public IPAddress? Other(IPAddress reached)
    {
        var card = cards.GetValueOrDefault(reached);
        return options.InternalAddresses
            .Where(address => address.AddressFamily != reached.AddressFamily && options.ExternalOf(address.AddressFamily) is not null)
            .OrderByDescending(address => card is not null && cards.GetValueOrDefault(address) == card)
            .FirstOrDefault();
    }

    private static Dictionary<IPAddress, string> Cards()
    {
        var cards = new Dictionary<IPAddress, string>();
        foreach (var card in NetworkInterface.GetAllNetworkInterfaces())
        {
            foreach (var unicast in card.GetIPProperties().UnicastAddresses)
                cards[unicast.Address] = card.Name;
        }

        return cards;
    }
}
