using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;

namespace FwRedirect.Redirector.Packets;

/// <summary>
/// An address and a port as the packet path keeps them: no allocation, equal by value, IPv4 and IPv6 in one shape.
/// IPv4 is held as its mapped form ::ffff:a.b.c.d (RFC 4291, 2.5.5.2); both numbers are in host order.
/// </summary>
public readonly record struct PacketEndpoint(UInt128 Address, ushort Port)
{
    private static readonly UInt128 MappedPrefix = new(0, 0x0000_FFFF_0000_0000);

    /// <summary>True for an IPv4 endpoint.</summary>
    public bool IsIPv4 => (Address >> 32) == (UInt128)0xFFFF;

    public AddressFamily Family => IsIPv4 ? AddressFamily.InterNetwork : AddressFamily.InterNetworkV6;

    /// <summary>The IPv4 address in host order; meaningful only where <see cref="IsIPv4"/> holds.</summary>
    public uint IPv4 => (uint)(Address & uint.MaxValue);

    /// <summary>True for 0.0.0.0 and ::, a socket's address where it was bound to none.</summary>
    public bool IsAnyAddress => Address == 0 || Address == MappedPrefix;

    public static PacketEndpoint FromIPv4(uint address, ushort port) => new(MappedPrefix | address, port);

    public static PacketEndpoint From(IPAddress address, int port)
    {
        Span<byte> bytes = stackalloc byte[16];
        address.MapToIPv6().TryWriteBytes(bytes, out _);
        return new PacketEndpoint(BinaryPrimitives.ReadUInt128BigEndian(bytes), (ushort)port);
    }

    public static PacketEndpoint From(IPEndPoint endpoint) => From(endpoint.Address, endpoint.Port);

    /// <summary>The platform's form; IPv4 comes out as IPv4, not as mapped IPv6.</summary>
    public IPEndPoint ToIPEndPoint()
    {
        Span<byte> bytes = stackalloc byte[16];
        BinaryPrimitives.WriteUInt128BigEndian(bytes, Address);
        return new IPEndPoint(IsIPv4 ? new IPAddress(bytes[12..]) : new IPAddress(bytes), Port);
    }

    public override string ToString() => ToIPEndPoint().ToString();
}
