using System.Buffers.Binary;

namespace FwRedirect.Redirector.Packets;

/// <summary>
/// One IPv4 or IPv6 packet, read in place. Nothing is copied and nothing thrown: what is malformed, a fragment or not TCP, UDP or ICMP has
/// <see cref="Protocol"/> none, and then only <see cref="Version"/> may be asked. Bytes after the IP length (link padding) do not belong to the packet.
/// </summary>
internal readonly ref struct PacketView
{
    /// <summary>Extension headers that are walked before giving up; real packets carry none or one.</summary>
    private const int MostExtensionHeaders = 8;

    private readonly ReadOnlySpan<byte> _packet;

    public PacketView(ReadOnlySpan<byte> packet)
    {
        this = default;
        if (packet.Length < 20)
            return;
        Version = (byte)(packet[0] >> 4);
        var (protocol, offset, end) = Version switch
        {
            4 => NetworkV4(packet),
            6 => NetworkV6(packet),
            _ => default,
        };
        if (protocol == IpProtocol.None)
            return;
        var payload = Payload(packet[..end], protocol, offset, ref end);
        if (payload == 0)
            return;
        _packet = packet[..end];
        Protocol = protocol;
        TransportOffset = (ushort)offset;
        PayloadOffset = (ushort)payload;
    }

    /// <summary>4, 6, or whatever else stood in the first nibble.</summary>
    public byte Version { get; }

    /// <summary>One of <see cref="IpProtocol"/>.</summary>
    public byte Protocol { get; }

    /// <summary>Where the TCP, UDP or ICMP header starts; the IP header with its options ends there.</summary>
    public ushort TransportOffset { get; }

    public ushort PayloadOffset { get; }

    /// <summary>Bytes of the packet up to the end of the transport's data.</summary>
    public int Length => _packet.Length;

    public ReadOnlySpan<byte> Bytes => _packet;

    /// <summary>Transport header and payload: what the transport checksum covers besides the pseudo header.</summary>
    public ReadOnlySpan<byte> Transport => _packet[TransportOffset..];

    public ReadOnlySpan<byte> PayloadBytes => _packet[PayloadOffset..];

    public bool IsIPv4 => Version == 4;

    public PacketEndpoint Source => Endpoint(12, 8, 0);

    public PacketEndpoint Destination => Endpoint(16, 24, 2);

    public TcpFlags Flags => (TcpFlags)_packet[TransportOffset + 13];

    public uint Sequence => BinaryPrimitives.ReadUInt32BigEndian(_packet[(TransportOffset + 4)..]);

    public uint Acknowledgement => BinaryPrimitives.ReadUInt32BigEndian(_packet[(TransportOffset + 8)..]);

    /// <summary>The sequence number after this segment: SYN and FIN count one each (RFC 9293, 3.4).</summary>
    public uint NextSequence =>
        Sequence + (uint)(Length - PayloadOffset) + ((Flags & TcpFlags.Syn) != 0 ? 1u : 0) + ((Flags & TcpFlags.Fin) != 0 ? 1u : 0);

    private PacketEndpoint Endpoint(int v4, int v6, int port)
    {
        var number = Protocol is IpProtocol.Tcp or IpProtocol.Udp
            ? BinaryPrimitives.ReadUInt16BigEndian(_packet[(TransportOffset + port)..]) : (ushort)0;
        return IsIPv4
            ? PacketEndpoint.FromIPv4(BinaryPrimitives.ReadUInt32BigEndian(_packet[v4..]), number)
            : new PacketEndpoint(BinaryPrimitives.ReadUInt128BigEndian(_packet[v6..]), number);
    }

    private static (byte Protocol, int Offset, int End) NetworkV4(ReadOnlySpan<byte> packet)
    {
        var header = (packet[0] & 0x0F) * 4;
        var total = BinaryPrimitives.ReadUInt16BigEndian(packet[2..]);
        // Any fragment, the first one too: to rewrite one and not the others would send them to two places.
        var fragment = (BinaryPrimitives.ReadUInt16BigEndian(packet[6..]) & 0x3FFF) != 0;
        if (header < 20 || total < header || total > packet.Length || fragment)
            return default;
        return (packet[9] is IpProtocol.Tcp or IpProtocol.Udp or IpProtocol.Icmp ? packet[9] : IpProtocol.None, header, total);
    }

    private static (byte Protocol, int Offset, int End) NetworkV6(ReadOnlySpan<byte> packet)
    {
        if (packet.Length < 40)
            return default;
        var end = 40 + BinaryPrimitives.ReadUInt16BigEndian(packet[4..]);
        if (end > packet.Length)
            return default;
        var next = packet[6];
        var offset = 40;
        for (var i = 0; i < MostExtensionHeaders; i++)
        {
            if (next is IpProtocol.Tcp or IpProtocol.Udp or IpProtocol.IcmpV6)
                return (next, offset, end);
            // Hop-by-hop and destination options only. A routing header would put another destination into the checksum, a fragment header is a fragment.
            if (next is not (0 or 60) || offset + 8 > end)
                return default;
            next = packet[offset];
            offset += 8 + (packet[offset + 1] * 8);
        }
        return default;
    }

    /// <summary>Offset of the payload, 0 where the transport header does not hold; shortens <paramref name="end"/> to what a UDP length says.</summary>
    private static int Payload(ReadOnlySpan<byte> packet, byte protocol, int offset, ref int end)
    {
        var room = end - offset;
        if (protocol == IpProtocol.Tcp)
        {
            if (room < 20)
                return 0;
            var header = (packet[offset + 12] >> 4) * 4;
            return header >= 20 && header <= room ? offset + header : 0;
        }
        if (room < 8)
            return 0;
        if (protocol == IpProtocol.Udp)
        {
            var length = BinaryPrimitives.ReadUInt16BigEndian(packet[(offset + 4)..]);
            if (length < 8 || length > room)
                return 0;
            end = offset + length;
        }
        return offset + 8;
    }
}
