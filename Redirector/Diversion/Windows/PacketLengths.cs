using System.Buffers.Binary;
using System.Runtime.Versioning;

namespace FwRedirect.Redirector.Diversion.Windows;

/// <summary>Where a packet ends: a batch of WinDivert's holds packets back to back and no table of them.</summary>
[SupportedOSPlatform("windows")]
internal static class PacketLengths
{
    /// <summary>Bytes of the packet that <paramref name="packets"/> begins with, by its IP header; 0 where that is no IP header or says more than there is.</summary>
    public static int First(ReadOnlySpan<byte> packets)
    {
        if (packets.Length < 20)
            return 0;
        var length = (packets[0] >> 4) switch
        {
            4 => BinaryPrimitives.ReadUInt16BigEndian(packets[2..]),
            6 when packets.Length >= 40 => 40 + BinaryPrimitives.ReadUInt16BigEndian(packets[4..]),
            _ => 0,
        };
        return length >= 20 && length <= packets.Length ? length : 0;
    }
}
