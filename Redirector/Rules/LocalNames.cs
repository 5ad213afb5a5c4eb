using System.Net;
using System.Net.Sockets;
using FwRedirect.ControlChannel.Names;
using FwRedirect.Redirector.Packets;

namespace FwRedirect.Redirector.Rules;

/// <summary>Which names are looked up without the firewall, whatever is asked of them: local ones, and those under which local addresses are looked up.</summary>
internal sealed class LocalNames(LocalDomains domains, LocalDestinations destinations)
{
    /// <summary>Why <paramref name="name"/> is local, in words; null where it is not.</summary>
    public string? Why(string name) => domains.Why(name) ?? WhyForAll(name);

    /// <summary>Why <paramref name="name"/> is local whatever is set for the program that asks; null where it is not.</summary>
    public string? WhyForAll(string name)
    {
        if (domains.OfFirewall(name) is { } why)
            return why;
        if (ReverseName.Address(name) is not { } address)
            return null;
        if (address.AddressFamily == AddressFamily.InterNetwork)
            return destinations.Why(PacketEndpoint.From(address, 0));
        return address.IsIPv6LinkLocal || address.IsIPv6UniqueLocal || IPAddress.IsLoopback(address) ? "an IPv6 address that is not used outside" : null;
    }
}
