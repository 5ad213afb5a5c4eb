namespace FwRedirect.Redirector.Packets;

/// <summary>Which end of a packet is meant: where it comes from or where it goes.</summary>
internal enum PacketSide : byte
{
    Source,
    Destination,
}
