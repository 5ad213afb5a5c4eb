using System.Runtime.InteropServices;
using System.Runtime.Versioning;

namespace FwRedirect.Redirector.Diversion.Linux.Native;

/// <summary>A netlink socket of the network namespace of the thread that opens it.</summary>
[SupportedOSPlatform("linux")]
internal sealed unsafe class NetlinkSocket : IDisposable
{
    public const ushort ErrorMessage = 2;
    public const ushort DoneMessage = 3;
    public const ushort FlagRequest = 1;
    public const ushort FlagAcknowledge = 4;
    public const int ProtocolSocketDiagnostics = 4;
    public const int ProtocolNetfilter = 12;

    public NetlinkSocket(int protocol)
    {
        Descriptor = Libc.Socket(Libc.FamilyNetlink, Libc.SocketRaw | Libc.CloseOnExec, protocol).OrThrow("netlink socket");
        var address = new Libc.NetlinkAddress { Family = Libc.FamilyNetlink };
        if (Libc.Bind(Descriptor, &address, (uint)sizeof(Libc.NetlinkAddress)) == 0) return;
        var failure = Libc.Failure("netlink bind");
        Descriptor.Dispose();
        throw failure;
    }

    public Descriptor Descriptor { get; }

    /// <summary>Sends one request and returns the errno of the kernel's answer, 0 for success. Only for sockets on which nothing else arrives.</summary>
    public int Request(ReadOnlySpan<byte> message)
    {
        Span<byte> reply = stackalloc byte[512];
        var length = Exchange(message, reply);
        return length >= 20 && MemoryMarshal.Read<ushort>(reply[4..]) == ErrorMessage ? -MemoryMarshal.Read<int>(reply[16..]) : 0;
    }

    /// <summary>Sends one request and reads one answer, or the first part of it; returns its length.</summary>
    public int Exchange(ReadOnlySpan<byte> message, Span<byte> reply)
    {
        fixed (byte* data = message)
        {
            if (Libc.SendTo(Descriptor, data, (nuint)message.Length, 0, null, 0) < 0) throw Libc.Failure("netlink send");
        }

        return Receive(reply);
    }

    /// <summary>Reads a further part of an answer; returns its length.</summary>
    public int Receive(Span<byte> reply)
    {
        fixed (byte* answer = reply)
        {
            while (true)
            {
                var received = (int)Libc.ReceiveFrom(Descriptor, answer, (nuint)reply.Length, 0);
                if (received >= 0) return received;
                if (Marshal.GetLastPInvokeError() != Libc.Interrupted) throw Libc.Failure("netlink receive");
            }
        }
    }

    public void Dispose() => Descriptor.Dispose();
}
