using System.Net;
using System.Net.Sockets;

namespace FwRedirect.FirewallHost.Configuration;

/// <summary>
/// Whose limits they are. An address has its own; of IPv6 its network (/64) has some too, since one machine may use as many addresses of that as it likes, and takes new ones by itself
/// (RFC 8981), while a whole office may be in one.
/// </summary>
internal readonly record struct LimitedClient(IPAddress Address, bool IsNetwork)
{
    private const int NetworkBytes = 8;

    /// <summary>How many times the limit of one client counts.</summary>
    public int Times => IsNetwork ? Limits.ClientsPerNetwork : 1;

    /// <summary>All that count for a client: it may not be above any of them.</summary>
    public static LimitedClient[] Of(IPAddress client)
    {
        if (client.AddressFamily != AddressFamily.InterNetworkV6)
            return [new LimitedClient(client, IsNetwork: false)];
        Span<byte> bytes = stackalloc byte[16];
        client.TryWriteBytes(bytes, out _);
        bytes[NetworkBytes..].Clear();
        return [new LimitedClient(client, IsNetwork: false), new LimitedClient(new IPAddress(bytes), IsNetwork: true)];
    }

    public override string ToString() => IsNetwork ? $"{Address}/{NetworkBytes * 8}" : $"{Address}";
}
