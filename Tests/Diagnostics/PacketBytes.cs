using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;

namespace FwRedirect.Tests.Diagnostics;

/// <summary>Packets built by hand, header by header, so that the decoder is not tested against itself.</summary>
internal static class PacketBytes
{
    public const byte Fin = 0x01, Syn = 0x02, Rst = 0x04, Psh = 0x08, Ack = 0x10;

    public static byte[] Tcp(IPEndPoint from, IPEndPoint to, uint sequence, uint acknowledgment, byte flags, ReadOnlySpan<byte> payload = default, bool options = false)
    {
        var header = options ? 32 : 20;
        var segment = new byte[header + payload.Length];
        BinaryPrimitives.WriteUInt16BigEndian(segment, (ushort)from.Port);
        BinaryPrimitives.WriteUInt16BigEndian(segment.AsSpan(2), (ushort)to.Port);
        BinaryPrimitives.WriteUInt32BigEndian(segment.AsSpan(4), sequence);
        BinaryPrimitives.WriteUInt32BigEndian(segment.AsSpan(8), acknowledgment);
        segment[12] = (byte)(header / 4 << 4);
        segment[13] = flags;
        payload.CopyTo(segment.AsSpan(header));
        return Ip(from.Address, to.Address, 6, segment);
    }

    public static byte[] Udp(IPEndPoint from, IPEndPoint to, ReadOnlySpan<byte> payload)
    {
        var datagram = new byte[8 + payload.Length];
        BinaryPrimitives.WriteUInt16BigEndian(datagram, (ushort)from.Port);
        BinaryPrimitives.WriteUInt16BigEndian(datagram.AsSpan(2), (ushort)to.Port);
        BinaryPrimitives.WriteUInt16BigEndian(datagram.AsSpan(4), (ushort)datagram.Length);
        payload.CopyTo(datagram.AsSpan(8));
        return Ip(from.Address, to.Address, 17, datagram);
    }

    public static byte[] Ip(IPAddress from, IPAddress to, byte protocol, ReadOnlySpan<byte> payload, ushort fragment = 0)
    {
        var v4 = from.AddressFamily == AddressFamily.InterNetwork;
        var packet = new byte[(v4 ? 20 : 40) + payload.Length];
        if (v4)
        {
            packet[0] = 0x45;
            BinaryPrimitives.WriteUInt16BigEndian(packet.AsSpan(2), (ushort)packet.Length);
            BinaryPrimitives.WriteUInt16BigEndian(packet.AsSpan(4), 0x1234);
            BinaryPrimitives.WriteUInt16BigEndian(packet.AsSpan(6), fragment);
            packet[8] = 64;
            packet[9] = protocol;
        }
        else
        {
            packet[0] = 0x60;
            BinaryPrimitives.WriteUInt16BigEndian(packet.AsSpan(4), (ushort)payload.Length);
            packet[6] = protocol;
            packet[7] = 64;
        }
        from.GetAddressBytes().CopyTo(packet.AsSpan(v4 ? 12 : 8));
        to.GetAddressBytes().CopyTo(packet.AsSpan(v4 ? 16 : 24));
        payload.CopyTo(packet.AsSpan(v4 ? 20 : 40));
        return packet;
    }

    /// <summary>A DNS message with one question and, for a response, A records.</summary>
    public static byte[] Dns(string name, bool response, int code = 0, ushort type = 1, params string[] addresses)
    {
        var message = new List<byte> { 0x12, 0x34, (byte)(response ? 0x81 : 0x01), (byte)(response ? 0x80 | code : 0), 0, 1, 0, (byte)addresses.Length, 0, 0, 0, 0 };
        foreach (var label in name.Split('.'))
        {
            message.Add((byte)label.Length);
            message.AddRange(System.Text.Encoding.Latin1.GetBytes(label));
        }
        message.AddRange([0, (byte)(type >> 8), (byte)type, 0, 1]);
        foreach (var address in addresses)
            message.AddRange([0xC0, 12, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, .. IPAddress.Parse(address).GetAddressBytes()]);
        return [.. message];
    }
}
