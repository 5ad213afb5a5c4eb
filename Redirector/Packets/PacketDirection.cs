namespace FwRedirect.Redirector.Packets;

/// <summary>Seen from this machine's programs: a packet that one sent, or one that is about to reach one.</summary>
public enum PacketDirection : byte
{
    Outbound,
    Inbound,
}
