using System.Buffers.Binary;
using System.Net;
using FwRedirect.Redirector.Packets;

namespace FwRedirect.Tests.Redirector.Packets;

/// <summary>Hand-built packets. The checksums are computed by a plain loop here, not by the code under test.</summary>
internal static class Raw
{
    public static PacketEndpoint At(string endpoint) => PacketEndpoint.From(IPEndPoint.Parse(endpoint));

    public static byte[] Tcp(
        PacketEndpoint source, PacketEndpoint destination, TcpFlags flags, uint seq = 0, uint ack = 0, byte[]? payload = null, byte[]? ipOptions = null,
        byte[]? tcpOptions = null)
    {
        payload ??= [];
        tcpOptions ??= [];
        var segment = new byte[20 + tcpOptions.Length + payload.Length];
        BinaryPrimitives.WriteUInt16BigEndian(segment, source.Port);
        BinaryPrimitives.WriteUInt16BigEndian(segment.AsSpan(2), destination.Port);
        BinaryPrimitives.WriteUInt32BigEndian(segment.AsSpan(4), seq);
        BinaryPrimitives.WriteUInt32BigEndian(segment.AsSpan(8), ack);
        segment[12] = (byte)((5 + (tcpOptions.Length / 4)) << 4);
        segment[13] = (byte)flags;
        segment[14] = 0x20;
        tcpOptions.CopyTo(segment, 20);
        payload.CopyTo(segment, 20 + tcpOptions.Length);
        return Ip(source, destination, 6, segment, 16, ipOptions);
    }

    public static byte[] Udp(PacketEndpoint source, PacketEndpoint destination, byte[] payload, bool checksum = true, byte[]? ipOptions = null)
    {
        var datagram = new byte[8 + payload.Length];
        BinaryPrimitives.WriteUInt16BigEndian(datagram, source.Port);
        BinaryPrimitives.WriteUInt16BigEndian(datagram.AsSpan(2), destination.Port);
        BinaryPrimitives.WriteUInt16BigEndian(datagram.AsSpan(4), (ushort)datagram.Length);
        payload.CopyTo(datagram, 8);
        return Ip(source, destination, 17, datagram, checksum ? 6 : -1, ipOptions);
    }

    public static byte[] Icmp(PacketEndpoint source, PacketEndpoint destination, byte type, byte code, ReadOnlySpan<byte> quote)
    {
        var message = new byte[8 + quote.Length];
        message[0] = type;
        message[1] = code;
        quote.CopyTo(message.AsSpan(8));
        if (!source.IsIPv4)
            return Ip(source, destination, 58, message, 2, null);
        BinaryPrimitives.WriteUInt16BigEndian(message.AsSpan(2), Checksum(message));
        return Ip(source, destination, 1, message, -1, null);
    }

    public static byte[] Ip(PacketEndpoint source, PacketEndpoint destination, byte protocol, byte[] transport, int checksumAt, byte[]? options)
    {
        options ??= [];
        var v4 = source.IsIPv4;
        var header = v4 ? 20 + options.Length : 40;
        var packet = new byte[header + transport.Length];
        var pseudo = new byte[(v4 ? 12 : 40) + transport.Length];
        if (v4)
        {
            packet[0] = (byte)(0x40 | (header / 4));
            BinaryPrimitives.WriteUInt16BigEndian(packet.AsSpan(2), (ushort)packet.Length);
            packet[5] = 7;
            packet[8] = 61;
            packet[9] = protocol;
            BinaryPrimitives.WriteUInt32BigEndian(packet.AsSpan(12), source.IPv4);
            BinaryPrimitives.WriteUInt32BigEndian(packet.AsSpan(16), destination.IPv4);
            options.CopyTo(packet, 20);
            BinaryPrimitives.WriteUInt16BigEndian(packet.AsSpan(10), Checksum(packet.AsSpan(0, header)));
            packet.AsSpan(12, 8).CopyTo(pseudo);
            pseudo[9] = protocol;
            BinaryPrimitives.WriteUInt16BigEndian(pseudo.AsSpan(10), (ushort)transport.Length);
        }
        else
        {
            packet[0] = 0x60;
            BinaryPrimitives.WriteUInt16BigEndian(packet.AsSpan(4), (ushort)transport.Length);
            packet[6] = protocol;
            packet[7] = 61;
            BinaryPrimitives.WriteUInt128BigEndian(packet.AsSpan(8), source.Address);
            BinaryPrimitives.WriteUInt128BigEndian(packet.AsSpan(24), destination.Address);
            packet.AsSpan(8, 32).CopyTo(pseudo);
            BinaryPrimitives.WriteUInt32BigEndian(pseudo.AsSpan(32), (uint)transport.Length);
            pseudo[39] = protocol;
        }
        if (checksumAt >= 0)
        {
            transport.CopyTo(pseudo, pseudo.Length - transport.Length);
            var checksum = Checksum(pseudo);
            BinaryPrimitives.WriteUInt16BigEndian(transport.AsSpan(checksumAt), checksum == 0 && protocol == 17 ? ushort.MaxValue : checksum);
        }
        transport.CopyTo(packet, header);
        return packet;
    }

    /// <summary>What a card with checksum offload would be given: fields that hold anything but the checksum.</summary>
    public static void Spoil(Span<byte> packet, ChecksumState keep)
    {
        var view = new PacketView(packet);
        if (view.IsIPv4 && (keep & ChecksumState.IpHeader) == 0)
            BinaryPrimitives.WriteUInt16BigEndian(packet[10..], 0x1234);
        if ((keep & ChecksumState.Transport) == 0)
            BinaryPrimitives.WriteUInt16BigEndian(packet[(view.TransportOffset + (view.Protocol == 6 ? 16 : 6))..], 0x4321);
    }

    public static ushort Checksum(ReadOnlySpan<byte> data)
    {
        uint sum = 0;
        for (var i = 0; i < data.Length; i++)
            sum += (uint)(i % 2 == 0 ? data[i] << 8 : data[i]);
        while (sum > 0xFFFF)
            sum = (sum & 0xFFFF) + (sum >> 16);
        return (ushort)~sum;
    }
}
