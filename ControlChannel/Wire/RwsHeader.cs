using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace FwRedirect.ControlChannel.Wire;

/// <summary>
/// The 36 bytes in front of every RWS packet. Field order as Network Monitor's parser shows it (NullChar, ProtoSig, PktLen, Reserved1, Flags,
/// Reserved2, OpCode, DataLength, the two connection handles, the two mapping handles); widths and byte order are ours: little-endian.
/// </summary>
/// <param name="PacketLength">The whole packet, header included.</param>
/// <param name="DataLength">The message behind the header; what is left after it is AppAndClientInfo.</param>
/// <param name="ClientConnectionHandle">The object's id: given by the client, echoed by the firewall. 0 for the channel itself.</param>
/// <param name="ServerConnectionHandle">The firewall's own number of that object, in its log; 0 before it has one.</param>
/// <param name="ClientMappingHandle">The client's own number of a mapping; 0 where there is none.</param>
/// <param name="ServerMappingHandle">The firewall's number of a mapping: one listening socket has many. 0 where there is none.</param>
[StructLayout(LayoutKind.Auto)]
public readonly record struct RwsHeader(
    int PacketLength, PacketFlags Flags, OpCode OpCode, int DataLength,
    uint ClientConnectionHandle, uint ServerConnectionHandle, uint ClientMappingHandle, uint ServerMappingHandle)
{
    //  0      1     NullChar                 0
    //  1      3     ProtoSig                 "RWS"
    //  4      4     PktLen                   whole packet
    //  8      2     Reserved1                0
    // 10      2     Flags
    // 12      2     Reserved2                0
    // 14      2     OpCode
    // 16      4     DataLength
    // 20      4     ClientConnectionHandle
    // 24      4     ServerConnectionHandle
    // 28      4     ClientMappingHandle
    // 32      4     ServerMappingHandle
    public const int Size = 36;

    public static ReadOnlySpan<byte> Signature => "\0RWS"u8;

    /// <summary>Reads and checks a header. <paramref name="bytes"/> has at least <see cref="Size"/> bytes.</summary>
    /// <exception cref="RwsFormatException">It is not one; the message names the field.</exception>
    public static RwsHeader Read(ReadOnlySpan<byte> bytes)
    {
        if (!bytes.StartsWith(Signature))
            RwsFormatException.ThrowValue("ProtoSig", Convert.ToHexString(bytes[..4]), "00 and \"RWS\"");

        var length = BinaryPrimitives.ReadUInt32LittleEndian(bytes[4..]);
        if (length > RwsLimits.PacketLength)
            RwsFormatException.ThrowTooLong("PktLen", length, RwsLimits.PacketLength);
        if (length < Size)
            RwsFormatException.ThrowValue("PktLen", length.ToString(), $"at least {Size}");

        var dataLength = BinaryPrimitives.ReadUInt32LittleEndian(bytes[16..]);
        if (dataLength > length - Size)
            RwsFormatException.ThrowTooLong("DataLength", dataLength, length - Size);

        return new RwsHeader(
            (int)length,
            (PacketFlags)BinaryPrimitives.ReadUInt16LittleEndian(bytes[10..]),
            (OpCode)BinaryPrimitives.ReadUInt16LittleEndian(bytes[14..]),
            (int)dataLength,
            BinaryPrimitives.ReadUInt32LittleEndian(bytes[20..]),
            BinaryPrimitives.ReadUInt32LittleEndian(bytes[24..]),
            BinaryPrimitives.ReadUInt32LittleEndian(bytes[28..]),
            BinaryPrimitives.ReadUInt32LittleEndian(bytes[32..]));
    }

    public void Write(Span<byte> bytes)
    {
        bytes[..Size].Clear();
        Signature.CopyTo(bytes);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes[4..], (uint)PacketLength);
        BinaryPrimitives.WriteUInt16LittleEndian(bytes[10..], (ushort)Flags);
        BinaryPrimitives.WriteUInt16LittleEndian(bytes[14..], (ushort)OpCode);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes[16..], (uint)DataLength);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes[20..], ClientConnectionHandle);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes[24..], ServerConnectionHandle);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes[28..], ClientMappingHandle);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes[32..], ServerMappingHandle);
    }
}
