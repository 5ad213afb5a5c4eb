using System.Buffers.Binary;

namespace FwRedirect.Redirector.Packets;

/// <summary>An ICMP message of either version (RFC 792, RFC 4443): its header is type, code, checksum and a second word; behind it, data.</summary>
internal static class IcmpMessage
{
    public const int HeaderLength = 8;
    private const byte EchoReply = 0;
    private const byte EchoRequest = 8;
    private const byte EchoRequestV6 = 128;
    private const byte EchoReplyV6 = 129;

    /// <summary>A packet of its own, checksums complete.</summary>
    /// <param name="second">Identifier and sequence of an echo; the MTU of "fragmentation needed".</param>
    public static byte[] Build(PacketEndpoint source, PacketEndpoint destination, byte timeToLive, byte type, byte code, uint second, ReadOnlySpan<byte> data)
    {
        var packet = IpHeader.NewPacket(source, destination, source.IsIPv4 ? IpProtocol.Icmp : IpProtocol.IcmpV6, HeaderLength + data.Length);
        packet[source.IsIPv4 ? 8 : 7] = timeToLive;
        var message = packet.AsSpan(IpHeader.Length(source));
        message[0] = type;
        message[1] = code;
        BinaryPrimitives.WriteUInt32BigEndian(message[4..], second);
        data.CopyTo(message[HeaderLength..]);
        var none = ChecksumState.None;
        PacketEdit.Complete(packet, new PacketView(packet), ref none);
        return packet;
    }

    /// <summary>An answer to a ping.</summary>
    public static byte[] Reply(PacketEndpoint source, PacketEndpoint destination, byte timeToLive, uint second, ReadOnlySpan<byte> data) =>
        Build(source, destination, timeToLive, source.IsIPv4 ? EchoReply : EchoReplyV6, 0, second, data);

    /// <summary>A program pings.</summary>
    public static bool IsEchoRequest(in PacketView view) => view.Protocol switch
    {
        IpProtocol.Icmp => view.Transport[0] == EchoRequest && view.Transport[1] == 0,
        IpProtocol.IcmpV6 => view.Transport[0] == EchoRequestV6 && view.Transport[1] == 0,
        _ => false,
    };

    /// <summary>Of an echo, identifier in the upper half and sequence in the lower; both are in network order on the wire.</summary>
    public static uint Second(in PacketView view) => BinaryPrimitives.ReadUInt32BigEndian(view.Transport[4..]);
}
