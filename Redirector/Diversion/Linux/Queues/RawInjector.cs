using System.Runtime.InteropServices;
using System.Runtime.Versioning;
using FwRedirect.Redirector.Diversion.Linux.Native;

namespace FwRedirect.Redirector.Diversion.Linux.Queues;

/// <summary>
/// Sends packets of our own, headers included. A packet for a local program goes out by a raw socket too and turns round at lo: measured to arrive under
/// every rp_filter setting, with any source address, which neither TUN nor AF_PACKET does. A raw socket cuts nothing: packets are at most one MTU.
/// </summary>
[SupportedOSPlatform("linux")]
internal sealed unsafe class RawInjector : IDisposable
{
    private const int ProtocolRaw = 255;
    private const int LevelIp = 0;
    private const int HeaderIncluded = 3;
    private const int SocketMark = 36;
    private readonly Descriptor _socket;

    /// <summary>Null where the kernel has no IPv6. Its raw sockets of this protocol always take the header from us.</summary>
    private readonly Descriptor? _socketV6;

    public RawInjector(uint mark)
    {
        _socket = Libc.Socket(Libc.FamilyInet, Libc.SocketRaw | Libc.CloseOnExec, ProtocolRaw).OrThrow("raw socket");
        Libc.SetOption(_socket, LevelIp, HeaderIncluded, 1, "IP_HDRINCL");
        Libc.SetOption(_socket, Libc.LevelSocket, SocketMark, (int)mark, "SO_MARK");
        if (!IPv6Stack.Exists()) return;
        _socketV6 = Libc.Socket(Libc.FamilyInet6, Libc.SocketRaw | Libc.CloseOnExec, ProtocolRaw).OrThrow("raw socket of IPv6");
        Libc.SetOption(_socketV6, Libc.LevelSocket, SocketMark, (int)mark, "SO_MARK");
    }

    /// <summary>False where the packet is no whole IP packet or the system does not take it.</summary>
    /// <param name="packet">With its headers.</param>
    /// <param name="interfaceIndex">Of its flow: without one a link-local address says nothing (RFC 4007).</param>
    public bool Send(ReadOnlySpan<byte> packet, uint interfaceIndex)
    {
        // sockaddr_in is family, port, address, 8 bytes; sockaddr_in6 family, port, flow, address, scope. A port of 0 leaves the protocol as it was opened.
        Span<byte> address = stackalloc byte[28];
        address.Clear();
        if (packet.Length >= 20 && packet[0] >> 4 == 4)
        {
            MemoryMarshal.Write(address, (ushort)Libc.FamilyInet);
            packet.Slice(16, 4).CopyTo(address[4..]);
            return Send(_socket, packet, address[..16]);
        }

        if (packet.Length < 40 || packet[0] >> 4 != 6 || _socketV6 is null) return false;
        MemoryMarshal.Write(address, (ushort)Libc.FamilyInet6);
        packet.Slice(24, 16).CopyTo(address[8..]);
        if (packet[24] == 0xFE && (packet[25] & 0xC0) == 0x80) MemoryMarshal.Write(address[24..], interfaceIndex);
        return Send(_socketV6, packet, address);
    }

    private static bool Send(Descriptor socket, ReadOnlySpan<byte> packet, ReadOnlySpan<byte> address)
    {
        fixed (byte* data = packet, target = address)
        {
            while (true)
            {
                if (Libc.SendTo(socket, data, (nuint)packet.Length, 0, target, (uint)address.Length) >= 0) return true;
                if (Marshal.GetLastPInvokeError() != Libc.Interrupted) return false;
            }
        }
    }

    public void Dispose()
    {
        _socket.Dispose();
        _socketV6?.Dispose();
    }
}
