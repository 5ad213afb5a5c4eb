namespace FwRedirect.ControlChannel.Messages;

/// <summary>IP protocol numbers (IANA) of Bind, of Connect and of the setup response.</summary>
public static class BindProtocol
{
    /// <summary>In the setup response only: the firewall takes echo requests.</summary>
    public const byte Icmp = 1;

    public const byte Tcp = 6;

    public const byte Udp = 17;
}
