using System.Net;
using System.Net.Sockets;

namespace FwRedirect.Redirector.Names;

/// <summary>A HOSTENT as the firewall gave it: official name, the other names on the way to it, addresses of either family.</summary>
internal sealed record ResolvedHost(string CanonicalName, IReadOnlyList<string> Aliases, IReadOnlyList<IPAddress> Addresses)
{
    /// <summary>As if it had addresses of IPv4 only.</summary>
    public ResolvedHost WithoutIPv6() => this with { Addresses = [.. Addresses.Where(address => address.AddressFamily == AddressFamily.InterNetwork)] };
}
