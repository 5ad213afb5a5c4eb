using System.Buffers;
using FwRedirect.ControlChannel.Wire;

namespace FwRedirect.ControlChannel.Messages;

/// <summary>A whole packet: header, message, AppAndClientInfo. The only place that turns bytes into a message and back.</summary>
public static class RwsPacket
{
    /// <summary>Appends <paramref name="message"/> as one packet.</summary>
    /// <exception cref="ArgumentException">A field is over its limit (<see cref="RwsLimits"/>).</exception>
    public static void Write(RwsMessage message, IBufferWriter<byte> output)
    {
        var body = new ArrayBufferWriter<byte>(256);
        var writer = new RwsWriter(body);
        message.WriteBody(writer);
        var dataLength = body.WrittenCount;
        WriteAppAndClientInfo(message, writer);

        var header = new RwsHeader(
            RwsHeader.Size + body.WrittenCount,
            message.FromFirewall ? PacketFlags.FromFirewall : PacketFlags.None,
            message.OpCode, dataLength, message.Id.Value, message.FirewallHandle, message.ClientMapping, message.FirewallMapping);
        if (header.PacketLength > RwsLimits.PacketLength)
            throw new ArgumentException($"{message.OpCode}: {header.PacketLength} bytes are over the limit of {RwsLimits.PacketLength}");

        header.Write(output.GetSpan(RwsHeader.Size));
        output.Advance(RwsHeader.Size);
        output.Write(body.WrittenSpan);
    }

    /// <summary>The packet as an array of its own.</summary>
    public static byte[] ToArray(RwsMessage message)
    {
        var output = new ArrayBufferWriter<byte>(256);
        Write(message, output);
        return output.WrittenSpan.ToArray();
    }

    /// <summary>
    /// Length of the packet at the start of <paramref name="buffer"/>, or 0 while its header is not there yet.
    /// </summary>
    /// <exception cref="RwsFormatException">What stands there is no RWS packet.</exception>
    public static int LengthAt(ReadOnlySpan<byte> buffer) => buffer.Length < RwsHeader.Size ? 0 : RwsHeader.Read(buffer).PacketLength;

    /// <summary>Takes the next whole packet off the front of <paramref name="buffer"/>; false where more bytes are needed.</summary>
    /// <exception cref="RwsFormatException">The bytes are no RWS packet, or a field of it is wrong.</exception>
    public static bool TryRead(ref ReadOnlySequence<byte> buffer, out RwsMessage? message)
    {
        message = null;
        if (buffer.Length < RwsHeader.Size)
            return false;

        Span<byte> headerBytes = stackalloc byte[RwsHeader.Size];
        buffer.Slice(0, RwsHeader.Size).CopyTo(headerBytes);
        var header = RwsHeader.Read(headerBytes);
        if (buffer.Length < header.PacketLength)
            return false;

        var packet = buffer.Slice(0, header.PacketLength);
        message = Read(packet.IsSingleSegment ? packet.FirstSpan : packet.ToArray());
        buffer = buffer.Slice(header.PacketLength);
        return true;
    }

    /// <summary>Reads one whole packet.</summary>
    /// <exception cref="RwsFormatException">A field is wrong; the message names it.</exception>
    public static RwsMessage Read(ReadOnlySpan<byte> packet)
    {
        if (packet.Length < RwsHeader.Size)
            RwsFormatException.ThrowTruncated("Header", RwsHeader.Size, packet.Length);
        var header = RwsHeader.Read(packet);
        if (packet.Length != header.PacketLength)
            RwsFormatException.ThrowValue("PktLen", header.PacketLength.ToString(), packet.Length.ToString());

        var body = new RwsReader(packet.Slice(RwsHeader.Size, header.DataLength));
        var info = new RwsReader(packet[(RwsHeader.Size + header.DataLength)..]);
        var (application, client) = ReadAppAndClientInfo(ref info);
        var message = MessageTable.ReadBody(header, ref body, application, client) with
        {
            Id = new ObjectId(header.ClientConnectionHandle),
            FirewallHandle = header.ServerConnectionHandle,
            ClientMapping = header.ClientMappingHandle,
            FirewallMapping = header.ServerMappingHandle,
            Application = application,
        };
        body.ReadEnd(header.OpCode.ToString());
        if (message.FromFirewall != header.Flags.HasFlag(PacketFlags.FromFirewall))
            RwsFormatException.ThrowValue("Flags", header.Flags.ToString(), $"the sender of {header.OpCode}");
        return message;
    }

    // Application       string16
    // ClientInfoSize    u16       0 in all but the setup request
    // ClientInfo        ClientInfoSize bytes
    private static (string Application, ClientInfo? Client) ReadAppAndClientInfo(ref RwsReader reader)
    {
        var application = reader.ReadString("Application", RwsLimits.Application);
        var bytes = reader.ReadBytes("ClientInfo", RwsLimits.PacketLength);
        reader.ReadEnd("AppAndClientInfo");
        if (bytes.IsEmpty)
            return (application, null);

        var info = new RwsReader(bytes);
        var client = ClientInfo.Read(ref info);
        info.ReadEnd("ClientInfo");
        return (application, client);
    }

    private static void WriteAppAndClientInfo(RwsMessage message, RwsWriter writer)
    {
        writer.WriteString("Application", message.Application, RwsLimits.Application);
        var client = new ArrayBufferWriter<byte>();
        message.Client?.Write(new RwsWriter(client));
        writer.WriteBytes("ClientInfo", client.WrittenSpan, RwsLimits.PacketLength);
    }
}
