using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Runtime.Versioning;
using FwRedirect.Redirector.Diversion.Linux.Native;
using FwRedirect.Redirector.Packets;

namespace FwRedirect.Redirector.Diversion.Linux.Queues;

/// <summary>One NFQNL_MSG_PACKET as it lies in a receive buffer; the payload is given by its place.</summary>
[SupportedOSPlatform("linux")]
internal ref struct NfQueueMessage
{
    private const ushort TypePacket = 0x300;
    private const uint ChecksumNotReady = 1;
    private const uint LargerThanFrame = 2;

    public uint Id;
    public uint Mark;
    public uint InputInterface;
    public uint OutputInterface;
    public int PayloadOffset;
    public int PayloadLength;

    /// <summary>The packet was longer than what an attribute can carry: it cannot be rewritten.</summary>
    public bool Truncated;

    private uint _info;

    /// <summary>The IP header's sum is always there. The TCP or UDP field of a packet that waits for the card holds no more than its pseudo-header's sum.</summary>
    public readonly ChecksumState Checksums => (_info & (ChecksumNotReady | LargerThanFrame)) switch
    {
        ChecksumNotReady => ChecksumState.IpHeader,
        ChecksumNotReady | LargerThanFrame => ChecksumState.IpHeader | ChecksumState.Partial,
        _ => ChecksumState.Valid,
    };

    public readonly bool Segmented => (_info & LargerThanFrame) != 0;

    /// <summary>False for a message that is no packet; its errno then tells of an answer to a verdict.</summary>
    public static bool TryRead(ReadOnlySpan<byte> datagram, out NfQueueMessage message, out int error)
    {
        message = default;
        error = 0;
        if (datagram.Length < 20) return false;
        var type = MemoryMarshal.Read<ushort>(datagram[4..]);
        if (type == NetlinkSocket.ErrorMessage) error = -MemoryMarshal.Read<int>(datagram[16..]);
        if (type != TypePacket) return false;
        var offset = 20;
        while (offset + 4 <= datagram.Length)
        {
            int length = MemoryMarshal.Read<ushort>(datagram[offset..]);
            if (length < 4 || offset + length > datagram.Length) return false;
            message.ReadAttribute(MemoryMarshal.Read<ushort>(datagram[(offset + 2)..]) & 0x3FFF, datagram.Slice(offset + 4, length - 4), offset + 4);
            offset += (length + 3) & ~3;
        }

        return message.Id != 0;
    }

    private void ReadAttribute(int type, ReadOnlySpan<byte> value, int offset)
    {
        if (type == 10)
        {
            PayloadOffset = offset;
            PayloadLength = value.Length;
            return;
        }

        if (value.Length < 4) return;
        var number = BinaryPrimitives.ReadUInt32BigEndian(value);
        switch (type)
        {
            case 1: Id = number; break;
            case 3: Mark = number; break;
            case 5: InputInterface = number; break;
            case 6: OutputInterface = number; break;
            case 13: Truncated = true; break;
            case 14: _info = number; break;
        }
    }
}
