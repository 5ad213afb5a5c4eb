using System.Runtime.InteropServices;
using System.Runtime.Versioning;

namespace FwRedirect.Redirector.Diversion.Windows.Native;

/// <summary>
/// WINDIVERT_ADDRESS of WinDivert 2.2: 80 bytes, of which the last 64 are a union by layer. The C bit fields of the word at 8 are the three bytes here.
/// </summary>
[StructLayout(LayoutKind.Explicit, Size = 80)]
[SupportedOSPlatform("windows")]
internal struct WinDivertAddress
{
    /// <summary>QueryPerformanceCounter ticks: those of <see cref="TimeProvider.GetTimestamp"/>.</summary>
    [FieldOffset(0)]
    public long Timestamp;

    /// <summary>A <see cref="WinDivertLayer"/> in one byte.</summary>
    [FieldOffset(8)]
    public byte Layer;

    [FieldOffset(9)]
    public WinDivertEvent Event;

    [FieldOffset(10)]
    public WinDivertAddressFlags Flags;

    /// <summary>Layer, event, flags and the reserved byte as the driver wrote them.</summary>
    [FieldOffset(8)]
    public uint Bits;

    /// <summary>NETWORK: where the packet came from or goes to.</summary>
    [FieldOffset(16)]
    public uint InterfaceIndex;

    [FieldOffset(20)]
    public uint SubInterfaceIndex;

    /// <summary>SOCKET: names the socket as long as it lives.</summary>
    [FieldOffset(16)]
    public ulong EndpointId;

    [FieldOffset(24)]
    public ulong ParentEndpointId;

    [FieldOffset(32)]
    public uint ProcessId;

    [FieldOffset(36)]
    public WinDivertIpAddress LocalAddress;

    [FieldOffset(52)]
    public WinDivertIpAddress RemoteAddress;

    /// <summary>Host order, unlike the ports in a packet.</summary>
    [FieldOffset(68)]
    public ushort LocalPort;

    [FieldOffset(70)]
    public ushort RemotePort;

    [FieldOffset(72)]
    public byte Protocol;
}
