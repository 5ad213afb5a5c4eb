using System.Net;
using System.Net.Sockets;
using FwRedirect.ControlChannel.Configuration;
using FwRedirect.ControlChannel.Messages;

namespace FwRedirect.FirewallHost.Configuration;

/// <summary>What is wrong with the addresses of a configuration, each for itself and together.</summary>
internal sealed class AddressCheck(FirewallOptions options, ConfigurationKeys keys)
{
    public const string Mapped = "is IPv4 in the form of IPv6, which nothing on the wire has: write it as IPv4";

    public void Run()
    {
        CheckInside();
        CheckOutside();
        foreach (var network in options.LocalAddresses.Where(network => network.BaseAddress.IsIPv4MappedToIPv6))
            keys.Wrong("LocalAddresses", $"{network} {Mapped}");
    }

    private void CheckInside()
    {
        if (options.InternalAddresses.Count == 0 && keys.Errors.TrueForAll(e => !e.Contains("InternalAddresses", StringComparison.Ordinal)))
            keys.Wrong("InternalAddresses", "is missing: the addresses that clients reach");
        foreach (var address in options.InternalAddresses)
        {
            if (IsAny(address))
                keys.Wrong("InternalAddresses", $"{address} stands for every address, the outside ones too: name the inside ones");
            else if (Complaint(address) is { } complaint)
                keys.Wrong("InternalAddresses", $"{address} {complaint}");
        }

        if (options.LocalAddresses.Count == 0)
            return;
        // Only local addresses may open control channels.
        foreach (var address in options.InternalAddresses.DistinctBy(address => address.AddressFamily))
        {
            if (!options.LocalAddresses.Any(network => network.BaseAddress.AddressFamily == address.AddressFamily))
                keys.Wrong("LocalAddresses", $"has no network of {address.AddressFamily.Version()}, so that no client could use the inside address {address}");
        }
    }

    private void CheckOutside()
    {
        if (keys.Text("ExternalAddress") is null && keys.Text("ExternalAddressIPv6") is null)
            keys.Wrong("ExternalAddress", "is missing: the address that the outside sees");
        CheckOutside("ExternalAddress", options.ExternalAddress);
        CheckOutside("ExternalAddressIPv6", options.ExternalAddressIPv6);
        if (options.ExternalAddressIPv6 is not null && options.InternalAddresses.Count > 0
            && options.InternalAddresses.All(address => address.AddressFamily != AddressFamily.InterNetworkV6))
        {
            keys.Wrong("ExternalAddressIPv6", "is of no use without an IPv6 address in InternalAddresses: clients ask for IPv6 over IPv6");
        }

        foreach (var address in options.MoreExternalAddresses)
        {
            if (IsAny(address))
                keys.Wrong("MoreExternalAddresses", $"{address} is no address of its own");
            else if (Complaint(address) is { } complaint)
                keys.Wrong("MoreExternalAddresses", $"{address} {complaint}");
            else if (options.ExternalOf(address.AddressFamily) is null)
                keys.Wrong("MoreExternalAddresses", $"{address} needs an {(address.AddressFamily == AddressFamily.InterNetwork ? "ExternalAddress" : "ExternalAddressIPv6")} beside it");
        }
    }

    private void CheckOutside(string key, IPAddress? address)
    {
        if (address is null)
            return;
        if (IsAny(address))
            keys.Wrong(key, $"{address} is no address of its own: clients are told which one the outside sees");
        else if (Complaint(address) is { } complaint)
            keys.Wrong(key, $"{address} {complaint}");
    }

    /// <summary>Why it can not be an address of this firewall; null where it can.</summary>
    private static string? Complaint(IPAddress address)
    {
        if (address.IsIPv4MappedToIPv6)
            return Mapped;
        // What a client is told has no interface in it, and each machine numbers its own.
        if (address.IsIPv6LinkLocal)
            return "is good on one link only, and clients can not be told which: give the machine an address of the site or a global one";
        return address.IsIPv6Multicast || address.AddressFamily == AddressFamily.InterNetwork && address.GetAddressBytes()[0] is >= 224 and < 240 ? "is a multicast address" : null;
    }

    private static bool IsAny(IPAddress address) => address.Equals(IPAddress.Any) || address.Equals(IPAddress.IPv6Any);
}
