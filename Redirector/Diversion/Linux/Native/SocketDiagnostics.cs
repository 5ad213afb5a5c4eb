using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Runtime.Versioning;
using FwRedirect.Redirector.Packets;

namespace FwRedirect.Redirector.Diversion.Linux.Native;

/// <summary>
/// Asks the kernel about one socket, or ends it (sock_diag, inet_diag_req_v2). Of the network namespace of the thread that made it; one request at a time.
/// AF_INET finds the IPv4 flow of a dual-stack socket too.
/// </summary>
[SupportedOSPlatform("linux")]
internal sealed class SocketDiagnostics : IDisposable
{
    private const ushort TypeByFamily = 20;
    private const ushort TypeDestroy = 21;
    private const int HeaderSize = 16;
    private const int RequestSize = HeaderSize + 56;
    private const byte FamilyInet6 = 10;
    private const byte Tcp = 6;
    private const byte Udp = 17;

    /// <summary>NLM_F_ROOT and NLM_F_MATCH: all that fit.</summary>
    private const ushort FlagDump = 0x300;

    private const int StateListen = 10;

    /// <summary>Of idiag_cookie in the request; all ones there mean any.</summary>
    private const int CookieOffset = 48;

    /// <summary>struct inet_diag_msg; attributes behind it.</summary>
    private const int MessageSize = 72;

    /// <summary>INET_DIAG_SKV6ONLY.</summary>
    private const int AttributeOnlyIPv6 = 11;

    /// <summary>The kernel fills 16 to 32 KB at a time.</summary>
    private const int DumpBuffer = 64 * 1024;

    private readonly NetlinkSocket _socket = new(NetlinkSocket.ProtocolSocketDiagnostics);
    private readonly Lock _gate = new();
    private bool _disposed;

    /// <summary>What the kernel knows of a socket: owner, inode as in /proc/PID/fd, and cookie as BPF programs see it.</summary>
    public readonly record struct SocketEntry(uint Uid, uint Inode, ulong Cookie);

    /// <summary>The socket of exactly this flow, or null. Measured: 4 microseconds.</summary>
    public SocketEntry? Find(byte protocol, PacketEndpoint local, PacketEndpoint remote)
    {
        lock (_gate) return FindAlone(protocol, local, remote) is { } found ? found.Entry : null;
    }

    /// <summary>
    /// Ends the socket: its program gets ECONNABORTED, its peer a RST. False where there is no such socket. The kernel's look-up gives the listening socket where the connection is no
    /// more, as for a SYN: that one is somebody's server, and stays.
    /// </summary>
    public bool Destroy(byte protocol, PacketEndpoint local, PacketEndpoint remote)
    {
        lock (_gate)
        {
            if (FindAlone(protocol, local, remote) is not { IsListening: false } found) return false;
            var request = Request(stackalloc byte[RequestSize], TypeDestroy, NetlinkSocket.FlagAcknowledge, protocol, local, remote);
            // That socket and no other, whatever happens in between.
            MemoryMarshal.Write(request[(HeaderSize + CookieOffset)..], found.Entry.Cookie);
            return _socket.Request(request) == 0;
        }
    }

    /// <summary>All TCP sockets that listen and all UDP sockets that have a port, but those that take IPv6 alone; null where the kernel gave no whole answer.</summary>
    public IReadOnlyList<ListeningSocket>? Listening()
    {
        var found = new List<ListeningSocket>();
        Span<byte> memory = stackalloc byte[RequestSize];
        lock (_gate)
        {
            if (_disposed) return null;
            foreach (var (protocol, states) in new[] { (Tcp, 1u << StateListen), (Udp, uint.MaxValue) })
            {
                foreach (var family in new byte[] { (byte)Libc.FamilyInet, FamilyInet6 })
                {
                    var request = Request(memory, TypeByFamily, FlagDump, protocol, default, default);
                    request[HeaderSize] = family;
                    MemoryMarshal.Write(request[(HeaderSize + 4)..], states);
                    if (!ReadDump(request, protocol, found)) return null;
                }
            }
        }

        return found;
    }

    public void Dispose()
    {
        lock (_gate)
        {
            _disposed = true;
            _socket.Dispose();
        }
    }

    private (SocketEntry Entry, bool IsListening)? FindAlone(byte protocol, PacketEndpoint local, PacketEndpoint remote)
    {
        Span<byte> reply = stackalloc byte[1024];
        var length = _socket.Exchange(Request(stackalloc byte[RequestSize], TypeByFamily, 0, protocol, local, remote), reply);
        // inet_diag_msg: family, state, timer, retransmits, id 48, expires 4, rqueue 4, wqueue 4, uid 4, inode 4.
        if (length < HeaderSize + MessageSize || MemoryMarshal.Read<ushort>(reply[4..]) != TypeByFamily) return null;
        var message = reply[HeaderSize..];
        var entry = new SocketEntry(MemoryMarshal.Read<uint>(message[64..]), MemoryMarshal.Read<uint>(message[68..]), MemoryMarshal.Read<ulong>(message[44..]));
        return (entry, message[1] == StateListen);
    }

    private bool ReadDump(ReadOnlySpan<byte> request, byte protocol, List<ListeningSocket> found)
    {
        var buffer = new byte[DumpBuffer];
        for (var length = _socket.Exchange(request, buffer); length > 0; length = _socket.Receive(buffer))
        {
            for (var rest = buffer.AsSpan(0, length); rest.Length >= HeaderSize;)
            {
                var size = (int)MemoryMarshal.Read<uint>(rest);
                var type = MemoryMarshal.Read<ushort>(rest[4..]);
                if (type == NetlinkSocket.DoneMessage) return true;
                if (type != TypeByFamily || size < HeaderSize + MessageSize || size > rest.Length) return false;
                Read(rest[HeaderSize..size], protocol, found);
                rest = rest[Math.Min((size + 3) & ~3, rest.Length)..];
            }
        }

        return false;
    }

    private static void Read(ReadOnlySpan<byte> message, byte protocol, List<ListeningSocket> found)
    {
        var port = BinaryPrimitives.ReadUInt16BigEndian(message[4..]);
        var local = message[0] == FamilyInet6
            ? new PacketEndpoint(BinaryPrimitives.ReadUInt128BigEndian(message[8..]), port)
            : PacketEndpoint.FromIPv4(BinaryPrimitives.ReadUInt32BigEndian(message[8..]), port);
        // Attributes: length, type, value, padded to four bytes.
        for (var rest = message[MessageSize..]; rest.Length > 4;)
        {
            var size = MemoryMarshal.Read<ushort>(rest);
            if (size < 4 || size > rest.Length) break;
            if (MemoryMarshal.Read<ushort>(rest[2..]) == AttributeOnlyIPv6 && size > 4 && rest[4] != 0) return;
            rest = rest[Math.Min((size + 3) & ~3, rest.Length)..];
        }

        found.Add(new ListeningSocket(MemoryMarshal.Read<ulong>(message[44..]), local, protocol));
    }

    private static Span<byte> Request(Span<byte> request, ushort type, ushort flags, byte protocol, PacketEndpoint local, PacketEndpoint remote)
    {
        request.Clear();
        MemoryMarshal.Write(request, RequestSize);
        MemoryMarshal.Write(request[4..], type);
        MemoryMarshal.Write(request[6..], (ushort)(NetlinkSocket.FlagRequest | flags));
        var body = request[HeaderSize..];
        body[0] = local.IsIPv4 ? (byte)Libc.FamilyInet : FamilyInet6;
        body[1] = protocol;
        MemoryMarshal.Write(body[4..], uint.MaxValue);
        // The exact look-up of UDP is written from the packet's side: it wants source and destination the other way round (measured: else ENOENT).
        var (source, destination) = protocol == Udp && type == TypeByFamily ? (remote, local) : (local, remote);
        WriteEndpoint(body[8..], body[12..], source);
        WriteEndpoint(body[10..], body[28..], destination);
        MemoryMarshal.Write(body[CookieOffset..], ulong.MaxValue);
        return request;
    }

    private static void WriteEndpoint(Span<byte> port, Span<byte> address, PacketEndpoint endpoint)
    {
        BinaryPrimitives.WriteUInt16BigEndian(port, endpoint.Port);
        if (endpoint.IsIPv4) BinaryPrimitives.WriteUInt32BigEndian(address, endpoint.IPv4);
        else BinaryPrimitives.WriteUInt128BigEndian(address, endpoint.Address);
    }
}
