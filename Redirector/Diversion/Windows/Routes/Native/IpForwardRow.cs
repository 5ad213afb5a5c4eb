using System.Net;
using System.Runtime.InteropServices;
using System.Runtime.Versioning;

namespace FwRedirect.Redirector.Diversion.Windows.Routes.Native;

/// <summary>MIB_IPFORWARD_ROW2 (netioapi.h): one route.</summary>
[StructLayout(LayoutKind.Explicit, Size = 104)]
[SupportedOSPlatform("windows")]
internal struct IpForwardRow
{
    /// <summary>MIB_IPPROTO_NETMGMT: a route that a person or a program has added.</summary>
    public const int ProtocolNetManagement = 3;

    [FieldOffset(0)]
    public ulong InterfaceLuid;

    [FieldOffset(8)]
    public uint InterfaceIndex;

    [FieldOffset(12)]
    public SocketAddressInet Destination;

    [FieldOffset(40)]
    public byte PrefixLength;

    /// <summary>All zero where the destination is on the link.</summary>
    [FieldOffset(44)]
    public SocketAddressInet NextHop;

    [FieldOffset(72)]
    public byte SitePrefixLength;

    [FieldOffset(76)]
    public uint ValidLifetime;

    [FieldOffset(80)]
    public uint PreferredLifetime;

    /// <summary>Without the metric of the interface, which the system adds.</summary>
    [FieldOffset(84)]
    public uint Metric;

    [FieldOffset(88)]
    public int Protocol;

    [FieldOffset(92)]
    public byte Loopback;

    [FieldOffset(93)]
    public byte AutoconfigureAddress;

    [FieldOffset(94)]
    public byte Publish;

    [FieldOffset(95)]
    public byte Immortal;

    [FieldOffset(96)]
    public uint Age;

    [FieldOffset(100)]
    public int Origin;

    /// <summary>The destination as a network; null where the system says what is none.</summary>
    public readonly IPNetwork? Network => Destination.Address is { } address && PrefixLength <= address.GetAddressBytes().Length * 8
        ? Containing(address, PrefixLength)
        : null;

    private static IPNetwork Containing(IPAddress address, int prefix)
    {
        var bytes = address.GetAddressBytes();
        for (var bit = prefix; bit < bytes.Length * 8; bit++)
            bytes[bit / 8] &= (byte)~(0x80 >> (bit % 8));
        return new IPNetwork(new IPAddress(bytes), prefix);
    }
}
