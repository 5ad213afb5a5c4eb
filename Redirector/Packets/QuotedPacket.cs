using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace FwRedirect.Redirector.Packets;

/// <summary>
/// The TCP or UDP packet that an ICMP error quotes, or that the kernel hands over cut off, as far as it is there. Eight bytes of its transport header are sure (RFC 792; RFC 4443, 2.4
/// asks for all that fits): the ports are in them, and UDP's checksum.
/// </summary>
internal readonly ref struct QuotedPacket
{
    private const int SureOfTransport = 8;
    private const int HeaderV6 = 40;

    private readonly Span<byte> _bytes;

    private QuotedPacket(Span<byte> bytes, byte protocol, int transport)
    {
        _bytes = bytes;
        Protocol = protocol;
        Transport = transport;
    }

    /// <summary>TCP or UDP.</summary>
    public byte Protocol { get; }

    public bool IsIPv4 => _bytes[0] >> 4 == 4;

    private int Transport { get; }

    public PacketEndpoint Source => Endpoint(PacketSide.Source);

    public PacketEndpoint Destination => Endpoint(PacketSide.Destination);

    /// <summary>Its IP header has no damage that could be seen: IPv4's has a checksum of its own (RFC 5508, REQ-3a). That of its transport is not looked at (REQ-3c).</summary>
    public bool IsSound => !IsIPv4 || InternetChecksum.Fold(InternetChecksum.Sum(_bytes[..Transport])) == ushort.MaxValue;

    /// <summary>False where it is neither TCP nor UDP, or too little of it is quoted.</summary>
    public static bool TryRead(Span<byte> bytes, out QuotedPacket quoted)
    {
        var (protocol, transport) = bytes.Length < 20 ? default : (bytes[0] >> 4) switch
        {
            4 => (bytes[9], (bytes[0] & 0x0F) * 4),
            6 => PastExtensions(bytes),
            _ => default,
        };
        quoted = new QuotedPacket(bytes, protocol, transport);
        return protocol is IpProtocol.Tcp or IpProtocol.Udp && transport >= 20 && bytes.Length >= transport + SureOfTransport;
    }

    /// <summary>One endpoint, and its checksums as far as they are quoted.</summary>
    public void Put(PacketSide side, in EndpointRewrite rewrite)
    {
        SetAddress(_bytes, side, rewrite.To);
        BinaryPrimitives.WriteUInt16BigEndian(_bytes[(Transport + PortOf(side))..], rewrite.To.Port);
        if (IsIPv4)
            Update(10, rewrite.AddressDelta);
        var isTcp = Protocol == IpProtocol.Tcp;
        var field = Transport + (isTcp ? 16 : 6);
        if (_bytes.Length >= field + 2 && (isTcp || MemoryMarshal.Read<ushort>(_bytes[field..]) != 0))
            Update(field, rewrite.TransportDelta);
    }

    /// <summary>An address of an IP header, and nothing else: the checksums are the caller's.</summary>
    public static void SetAddress(Span<byte> packet, PacketSide side, PacketEndpoint to)
    {
        if (packet[0] >> 4 == 4)
            BinaryPrimitives.WriteUInt32BigEndian(packet[(side == PacketSide.Source ? 12 : 16)..], to.IPv4);
        else
            BinaryPrimitives.WriteUInt128BigEndian(packet[(side == PacketSide.Source ? 8 : 24)..], to.Address);
    }

    /// <summary>As <see cref="PacketView"/> goes over them, which wants the whole packet.</summary>
    private static (byte Protocol, int Transport) PastExtensions(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length < HeaderV6)
            return default;
        var (next, offset) = (bytes[6], HeaderV6);
        while (next is 0 or 60 && offset + 8 <= bytes.Length)
            (next, offset) = (bytes[offset], offset + 8 + (bytes[offset + 1] * 8));
        return (next, offset);
    }

    private static int PortOf(PacketSide side) => side == PacketSide.Source ? 0 : 2;

    private PacketEndpoint Endpoint(PacketSide side)
    {
        var port = BinaryPrimitives.ReadUInt16BigEndian(_bytes[(Transport + PortOf(side))..]);
        return IsIPv4
            ? PacketEndpoint.FromIPv4(BinaryPrimitives.ReadUInt32BigEndian(_bytes[(side == PacketSide.Source ? 12 : 16)..]), port)
            : new PacketEndpoint(BinaryPrimitives.ReadUInt128BigEndian(_bytes[(side == PacketSide.Source ? 8 : 24)..]), port);
    }

    private void Update(int field, ushort delta) =>
        MemoryMarshal.Write(_bytes[field..], InternetChecksum.Update(MemoryMarshal.Read<ushort>(_bytes[field..]), delta));
}
