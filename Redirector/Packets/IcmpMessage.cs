using System.Buffers.Binary;

namespace FwRedirect.Redirector.Packets;

/// <summary>An ICMP message of IPv4 (RFC 792): its header is type, code, checksum and a second word; behind it, data.</summary>
internal static class IcmpMessage
{
    public const int HeaderLength = 8;
    public const byte EchoReply = 0;
    public const byte Unreachable = 3;
    public const byte EchoRequest = 8;

    /// <summary>A packet of its own, checksums complete.</summary>
    /// <param name="second">Identifier and sequence of an echo; the MTU of "fragmentation needed".</param>
    public static byte[] Build(PacketEndpoint source, PacketEndpoint destination, byte timeToLive, byte type, byte code, uint second, ReadOnlySpan<byte> data)
    {
        var packet = IpHeader.NewPacket(source, destination, IpProtocol.Icmp, HeaderLength + data.Length);
        packet[8] = timeToLive;
        var message = packet.AsSpan(IpHeader.Length(source));
        message[0] = type;
        message[1] = code;
        BinaryPrimitives.WriteUInt32BigEndian(message[4..], second);
        data.CopyTo(message[HeaderLength..]);
        var none = ChecksumState.None;
        PacketEdit.Complete(packet, new PacketView(packet), ref none);
        return packet;
    }

    /// <summary>A program pings; <paramref name="view"/> is IPv4 then.</summary>
    public static bool IsEchoRequest(in PacketView view) => view.Protocol == IpProtocol.Icmp && view.Transport[0] == EchoRequest && view.Transport[1] == 0;

    /// <summary>Of an echo, identifier in the upper half and sequence in the lower; both are in network order on the wire.</summary>
    public static uint Second(in PacketView view) => BinaryPrimitives.ReadUInt32BigEndian(view.Transport[4..]);
}
