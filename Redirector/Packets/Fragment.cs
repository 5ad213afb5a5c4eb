using System.Buffers.Binary;

namespace FwRedirect.Redirector.Packets;

/// <summary>
/// A piece of an IPv4 packet. Neither system hands us one that an ordinary socket caused: both divert before they cut (what comes in, Linux hands us whole). What is left was made
/// by hand; where Linux tracks connections it puts that together, too (nf_defrag_ipv4, before the raw table).
/// </summary>
internal static class Fragment
{
    /// <summary>True for the first piece as well as for the others.</summary>
    public static bool IsOne(ReadOnlySpan<byte> packet) =>
        packet.Length >= 20 && packet[0] >> 4 == 4 && (BinaryPrimitives.ReadUInt16BigEndian(packet[6..]) & 0x3FFF) != 0;

    /// <summary>Where it goes; it has no port that could be trusted.</summary>
    public static PacketEndpoint Destination(ReadOnlySpan<byte> packet) => PacketEndpoint.FromIPv4(BinaryPrimitives.ReadUInt32BigEndian(packet[16..]), 0);
}
