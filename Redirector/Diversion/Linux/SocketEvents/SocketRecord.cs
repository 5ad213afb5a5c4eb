using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Runtime.Versioning;
using FwRedirect.Redirector.Packets;

namespace FwRedirect.Redirector.Diversion.Linux.SocketEvents;

/// <summary>What the BPF program writes for one event; addresses in network order as they lie in the socket.</summary>
[SupportedOSPlatform("linux")]
[StructLayout(LayoutKind.Explicit, Size = Size)]
internal unsafe struct SocketRecord
{
    public const int Size = 80;
    private const uint FamilyInet6 = 10;

    [FieldOffset(0)] public uint Operation;
    [FieldOffset(4)] public uint Family;
    [FieldOffset(8)] public ulong ProcessAndThread;
    [FieldOffset(16)] public ulong Cookie;
    [FieldOffset(24)] public ulong NamespaceCookie;
    [FieldOffset(32)] public fixed byte LocalIp6[16];
    [FieldOffset(48)] public fixed byte RemoteIp6[16];
    [FieldOffset(64)] public uint LocalIp4;
    [FieldOffset(68)] public uint RemoteIp4;

    /// <summary>Network order, in the upper half of a little-endian word.</summary>
    [FieldOffset(72)] public uint RemotePort;

    /// <summary>Host order.</summary>
    [FieldOffset(76)] public uint LocalPort;

    /// <summary>Process id as the kernel's first namespace counts (the upper half is the thread group).</summary>
    public readonly int ProcessId => (int)(ProcessAndThread >> 32);

    public readonly PacketEndpoint Local
    {
        get
        {
            var port = (ushort)LocalPort;
            if (Family != FamilyInet6) return PacketEndpoint.FromIPv4(BinaryPrimitives.ReverseEndianness(LocalIp4), port);
            fixed (byte* bytes = LocalIp6)
            {
                var address = BinaryPrimitives.ReadUInt128BigEndian(new ReadOnlySpan<byte>(bytes, 16));
                // A dual-stack socket on its way to an IPv4 peer: an own address not yet mapped still has its IPv4 form.
                return address == 0 && Remote.IsIPv4 ? PacketEndpoint.FromIPv4(BinaryPrimitives.ReverseEndianness(LocalIp4), port) : new PacketEndpoint(address, port);
            }
        }
    }

    public readonly PacketEndpoint Remote
    {
        get
        {
            var port = (ushort)BinaryPrimitives.ReverseEndianness(RemotePort);
            if (Family != FamilyInet6) return port == 0 && RemoteIp4 == 0 ? default : PacketEndpoint.FromIPv4(BinaryPrimitives.ReverseEndianness(RemoteIp4), port);
            fixed (byte* bytes = RemoteIp6) return new PacketEndpoint(BinaryPrimitives.ReadUInt128BigEndian(new ReadOnlySpan<byte>(bytes, 16)), port);
        }
    }
}
