using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Runtime.Versioning;

namespace FwRedirect.Redirector.Diversion.Windows.Blocking.Native;

/// <summary>FWP_VALUE0 and FWP_CONDITION_VALUE0 (fwptypes.h), 16 bytes: a type and a small value or a pointer.</summary>
[StructLayout(LayoutKind.Explicit, Size = 16)]
[SupportedOSPlatform("windows")]
internal unsafe struct FilterValue
{
    /// <summary>FWP_UINT8.</summary>
    public const uint UInt8 = 1;

    /// <summary>FWP_V4_ADDR_MASK.</summary>
    public const uint V4AddressMask = 0x100;

    /// <summary>FWP_V6_ADDR_MASK.</summary>
    public const uint V6AddressMask = 0x101;

    [FieldOffset(0)]
    public uint Type;

    [FieldOffset(8)]
    public byte Byte;

    [FieldOffset(8)]
    public void* Pointer;

    public static FilterValue Of(byte value) => new() { Type = UInt8, Byte = value };

    public static FilterValue Of(FilterAddress* address, IPNetwork network) =>
        new() { Type = network.BaseAddress.AddressFamily == AddressFamily.InterNetwork ? V4AddressMask : V6AddressMask, Pointer = address };
}
