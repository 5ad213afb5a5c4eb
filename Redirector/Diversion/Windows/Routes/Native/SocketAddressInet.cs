using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Runtime.Versioning;

namespace FwRedirect.Redirector.Diversion.Windows.Routes.Native;

/// <summary>SOCKADDR_INET (ws2ipdef.h): one of the two families, with room for the larger.</summary>
[StructLayout(LayoutKind.Explicit, Size = 28)]
[SupportedOSPlatform("windows")]
internal unsafe struct SocketAddressInet
{
    public const ushort FamilyUnspecified = 0;
    public const ushort FamilyInet = 2;
    public const ushort FamilyInet6 = 23;

    [FieldOffset(0)]
    public ushort Family;

    [FieldOffset(2)]
    public ushort Port;

    /// <summary>sin_addr; network order, as its bytes lie.</summary>
    [FieldOffset(4)]
    public fixed byte IPv4[4];

    /// <summary>sin6_addr, behind the flow information.</summary>
    [FieldOffset(8)]
    public fixed byte IPv6[16];

    [FieldOffset(24)]
    public uint ScopeId;

    /// <summary>Null where the family is neither of the two.</summary>
    public readonly IPAddress? Address
    {
        get
        {
            fixed (byte* v4 = IPv4, v6 = IPv6)
            {
                return Family switch
                {
                    FamilyInet => new IPAddress(new ReadOnlySpan<byte>(v4, 4)),
                    FamilyInet6 => new IPAddress(new ReadOnlySpan<byte>(v6, 16)),
                    _ => null,
                };
            }
        }
    }

    public static SocketAddressInet From(IPAddress address)
    {
        var made = new SocketAddressInet { Family = address.AddressFamily == AddressFamily.InterNetwork ? FamilyInet : FamilyInet6 };
        address.TryWriteBytes(made.Family == FamilyInet ? new Span<byte>(made.IPv4, 4) : new Span<byte>(made.IPv6, 16), out _);
        return made;
    }
}
