using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;

namespace FwRedirect.Lab.Probes;

/// <summary>A time server (SNTP, RFC 4330, section 6): Debian's real ones can not be installed beside systemd-timesyncd.</summary>
internal static class TimeListener
{
    private const int PacketSize = 48;
    private const ulong SecondsTo1970 = 2_208_988_800;

    public static async Task RunAsync(IPEndPoint endpoint, CancellationToken cancellation)
    {
        using var socket = new Socket(endpoint.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
        socket.Bind(endpoint);
        byte[] packet = new byte[ushort.MaxValue];
        var from = new SocketAddress(endpoint.AddressFamily);
        while (!cancellation.IsCancellationRequested)
        {
            int length = await socket.ReceiveFromAsync(packet, SocketFlags.None, from, cancellation);
            if (length < PacketSize) continue;
            Answer(packet.AsSpan(0, PacketSize));
            await socket.SendToAsync(packet.AsMemory(0, PacketSize), SocketFlags.None, from, cancellation);
        }
    }

    private static void Answer(Span<byte> packet)
    {
        ulong now = Now();
        packet[40..48].CopyTo(packet[24..]); // originate: what the client called transmit
        packet[0] = (byte)((packet[0] & 0x38) | 4); // no leap second, the client's version, server
        packet[1] = 1;
        packet[3] = 0xEC; // precision: 2^-20 s
        packet[4..12].Clear(); // root delay and dispersion
        "LAB\0"u8.CopyTo(packet[12..]);
        BinaryPrimitives.WriteUInt64BigEndian(packet[16..], now);
        BinaryPrimitives.WriteUInt64BigEndian(packet[32..], now);
        BinaryPrimitives.WriteUInt64BigEndian(packet[40..], Now());
    }

    private static ulong Now()
    {
        double seconds = (DateTime.UtcNow - DateTime.UnixEpoch).TotalSeconds;
        return (((ulong)seconds + SecondsTo1970) << 32) | (ulong)(seconds % 1 * (1UL << 32));
    }
}
