namespace FwRedirect.ControlChannel.Messages;

/// <summary>IP protocol numbers (IANA) that Bind, Connect and the setup response speak of.</summary>
public static class IpProtocol
{
    public const byte Tcp = 6;

    public const byte Udp = 17;
}
