using System.Net;
using System.Net.Sockets;

namespace FwRedirect.ControlChannel.Settings.Import;

/// <summary>
/// LocalLAT.txt (Msplat.txt before it): on each line the first and the last address of a range that is local; a single address stands there twice. The second is an address, never a mask.
/// </summary>
internal static class AddressTable
{
    /// <summary>The networks that together are the range of a line; null where it is none.</summary>
    public static IReadOnlyList<IPNetwork>? Parse(string line)
    {
        var words = line.Split([' ', '\t', ','], StringSplitOptions.RemoveEmptyEntries);
        if (words.Length != 2 || !TryAddress(words[0], out var first) || !TryAddress(words[1], out var last) || last < first)
            return null;
        return Networks(first, last);
    }

    private static List<IPNetwork> Networks(uint first, uint last)
    {
        var networks = new List<IPNetwork>();
        for (long at = first; at <= last;)
        {
            // The largest network that begins here and does not reach over the end.
            var bits = at == 0 ? 32 : System.Numerics.BitOperations.TrailingZeroCount((uint)at);
            while (at + (1L << bits) - 1 > last)
                bits--;
            networks.Add(new IPNetwork(new IPAddress(Bytes((uint)at)), 32 - bits));
            at += 1L << bits;
        }

        return networks;
    }

    private static byte[] Bytes(uint address) => [(byte)(address >> 24), (byte)(address >> 16), (byte)(address >> 8), (byte)address];

    private static bool TryAddress(string text, out uint value)
    {
        value = 0;
        if (text.Count(c => c == '.') != 3 || !IPAddress.TryParse(text, out var address) || address.AddressFamily != AddressFamily.InterNetwork)
            return false;
        value = System.Buffers.Binary.BinaryPrimitives.ReadUInt32BigEndian(address.GetAddressBytes());
        return true;
    }
}
