using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace FwRedirect.Redirector.Packets;

/// <summary>
/// The ones' complement sum of RFC 1071. All values are in the machine's own byte order, as they stand in memory: the sum does not care (RFC 1071, 2B),
/// and nothing has to be swapped.
/// </summary>
internal static class InternetChecksum
{
    /// <summary>Sum of the 16-bit words of <paramref name="data"/> (an odd last byte is padded with zero), not folded; add sums freely, then <see cref="Fold"/>.</summary>
    public static ulong Sum(ReadOnlySpan<byte> data)
    {
        ulong sum = 0;
        ref var start = ref MemoryMarshal.GetReference(data);
        var i = 0;
        if (Vector512.IsHardwareAccelerated && data.Length >= 256)
            sum = Sum512(ref start, data.Length, ref i);
        else if (Vector256.IsHardwareAccelerated && data.Length >= 128)
            sum = Sum256(ref start, data.Length, ref i);
        for (; i + 8 <= data.Length; i += 8)
        {
            var word = Unsafe.ReadUnaligned<ulong>(ref Unsafe.Add(ref start, i));
            sum += (word & uint.MaxValue) + (word >> 32);
        }
        if ((data.Length & 4) != 0)
        {
            sum += Unsafe.ReadUnaligned<uint>(ref Unsafe.Add(ref start, i));
            i += 4;
        }
        if ((data.Length & 2) != 0)
        {
            sum += Unsafe.ReadUnaligned<ushort>(ref Unsafe.Add(ref start, i));
            i += 2;
        }
        if ((data.Length & 1) != 0)
            sum += BitConverter.IsLittleEndian ? data[i] : (ulong)data[i] << 8;
        return sum;
    }

    /// <summary>Brings a sum of 32-bit or 16-bit words to 16 bits with the carries added back in.</summary>
    public static ushort Fold(ulong sum)
    {
        sum = (sum & uint.MaxValue) + (sum >> 32);
        sum = (sum & ushort.MaxValue) + ((sum >> 16) & ushort.MaxValue) + (sum >> 32);
        sum = (sum & ushort.MaxValue) + (sum >> 16);
        return (ushort)((sum & ushort.MaxValue) + (sum >> 16));
    }

    /// <summary>What has to be added to the complement of a checksum when words with sum <paramref name="before"/> become words with sum <paramref name="after"/> (RFC 1624, eqn. 3).</summary>
    public static ushort Delta(ulong before, ulong after) => Fold((ulong)(ushort)~Fold(before) + Fold(after));

    /// <summary>HC' = ~(~HC + ~m + m') (RFC 1624, eqn. 3: the older formula of RFC 1141 can give the wrong one of the two zeros).</summary>
    public static ushort Update(ushort checksum, ushort delta) => (ushort)~Fold((ulong)(ushort)~checksum + delta);

    // 64-bit lanes hold the sums of the 32-bit words of each lane's two halves: no carry is lost in less than 2^31 steps, and no lane is widened.
    private static ulong Sum512(ref byte start, int length, ref int i)
    {
        var low = Vector512.Create((ulong)uint.MaxValue);
        Vector512<ulong> a = default, b = default;
        for (; i + 128 <= length; i += 128)
        {
            var x = Vector512.LoadUnsafe(ref start, (nuint)i).AsUInt64();
            var y = Vector512.LoadUnsafe(ref start, (nuint)i + 64).AsUInt64();
            a += (x & low) + (x >>> 32);
            b += (y & low) + (y >>> 32);
        }
        return Vector512.Sum(a + b);
    }

    private static ulong Sum256(ref byte start, int length, ref int i)
    {
        var low = Vector256.Create((ulong)uint.MaxValue);
        Vector256<ulong> a = default, b = default;
        for (; i + 64 <= length; i += 64)
        {
            var x = Vector256.LoadUnsafe(ref start, (nuint)i).AsUInt64();
            var y = Vector256.LoadUnsafe(ref start, (nuint)i + 32).AsUInt64();
            a += (x & low) + (x >>> 32);
            b += (y & low) + (y >>> 32);
        }
        return Vector256.Sum(a + b);
    }
}
