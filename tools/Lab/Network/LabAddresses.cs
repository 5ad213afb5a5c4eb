namespace FwRedirect.Lab.Network;

/// <summary>The article's addresses. They exist only inside the lab's namespaces.</summary>
public static class LabAddresses
{
    public const string Client = "192.168.0.2";
    public const string FirewallInside = "192.168.0.1";
    /// <summary>A second fwhost on the same machine, for fail-over; nobody has it unless a test adds it.</summary>
    public const string SecondFirewallInside = "192.168.0.3";

    public const string FirewallOutside = "131.107.0.19";

    /// <summary>A second outside address of the firewall; nobody has it unless a test adds it.</summary>
    public const string SecondFirewallOutside = "131.107.0.20";

    public const string Server = "131.107.0.21";
    public const string NameServer = "131.107.0.2";

    public const string InsideNetworkV6 = "2001:db8:1::/64";
    public const string ClientV6 = "2001:db8:1::2";
    public const string FirewallInsideV6 = "2001:db8:1::1";
    public const string FirewallOutsideV6 = "2001:db8:2::19";
    public const string ServerV6 = "2001:db8:2::21";
    public const string NameServerV6 = "2001:db8:2::2";
    public const string OutsideNetworkV6 = "2001:db8:2::/64";

    /// <summary>No machine has it; the firewall knows it at once (an unreachable route instead of three seconds of ARP).</summary>
    public const string Unreachable = "131.107.0.99";
    public const string UnreachableV6 = "2001:db8:2::99";

    /// <summary>Nothing listens there on <see cref="Server"/>.</summary>
    public const int ClosedPort = 9;

    public const int EchoPort = 7;

    public const string ServerName = "ftp.contoso.com";
    public const string WebName = "www.contoso.com";
    public const string MailName = "mail.contoso.com";

    /// <summary><see cref="Unreachable"/> and <see cref="Server"/>.</summary>
    public const string HalfDeadName = "half.contoso.com";

    /// <summary>IPv4 and IPv6.</summary>
    public const string BothFamiliesName = "both.contoso.com";

    public const string UnknownName = "nosuchhost.contoso.com";
}
