using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Runtime.Versioning;

namespace FwRedirect.Redirector.Diversion.Windows.Blocking.Native;

/// <summary>FWP_V4_ADDR_AND_MASK (8 bytes, host order) or FWP_V6_ADDR_AND_MASK (17 bytes); which one, the <see cref="FilterValue"/> that points here says.</summary>
[StructLayout(LayoutKind.Explicit, Size = 20)]
[SupportedOSPlatform("windows")]
internal unsafe struct FilterAddress
{
    [FieldOffset(0)]
    public uint V4;

    [FieldOffset(4)]
    public uint V4Mask;

    [FieldOffset(0)]
    public fixed byte V6[16];

    [FieldOffset(16)]
    public byte V6PrefixLength;

    public static FilterAddress Of(IPNetwork network)
    {
        var made = default(FilterAddress);
        var bytes = new Span<byte>(made.V6, 16);
        network.BaseAddress.TryWriteBytes(bytes, out _);
        if (network.BaseAddress.AddressFamily == AddressFamily.InterNetworkV6)
        {
            made.V6PrefixLength = (byte)network.PrefixLength;
            return made;
        }

        made.V4 = BinaryPrimitives.ReadUInt32BigEndian(bytes);
        made.V4Mask = network.PrefixLength == 0 ? 0 : uint.MaxValue << (32 - network.PrefixLength);
        return made;
    }
}
