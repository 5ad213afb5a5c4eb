namespace FwRedirect.ControlChannel.Wire;

/// <summary>The header's Flags field.</summary>
[Flags]
public enum PacketFlags : ushort
{
    None = 0,

    /// <summary>The firewall sent it. Both sides send Close, and a reader of a capture should not have to guess from ports.</summary>
    FromFirewall = 0x0001,
}
