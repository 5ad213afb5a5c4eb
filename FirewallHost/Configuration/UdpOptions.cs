namespace FwRedirect.FirewallHost.Configuration;

/// <summary>What the configuration says of UDP; the keys have "Udp" before these names.</summary>
internal sealed record UdpOptions
{
    /// <summary>RFC 4787, REQ-8: address-dependent where filtering matters more than transparency; a firewall is such a place.</summary>
    public DatagramFiltering Filtering { get; init; } = DatagramFiltering.AddressDependent;

    /// <summary>A mapping belongs to a logged-on user's open socket and ends with it, so that an outsider gains little by keeping it, and receivers of streams lose nothing.</summary>
    public DatagramRefresh Refresh { get; init; } = DatagramRefresh.BothWays;

    /// <summary>RFC 4787, REQ-5: never below two minutes, five or more recommended.</summary>
    public TimeSpan Idle { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>Larger datagrams are dropped; the default is all that UDP over IPv4 can carry.</summary>
    public int LargestDatagram { get; init; } = Limits.Datagram;
}
