using System.Buffers.Binary;
using System.Runtime.Versioning;
using FwRedirect.Redirector.Diversion.Linux.Native;

namespace FwRedirect.Redirector.Diversion.Linux.Queues;

/// <summary>Binds a socket to a queue and sets how packets come over it.</summary>
[SupportedOSPlatform("linux")]
internal static class NfQueueConfiguration
{
    private const ushort TypeConfiguration = 0x302;
    private const ushort AttributeCommand = 1;
    private const ushort AttributeParameters = 2;
    private const ushort AttributeLength = 3;
    private const ushort AttributeMask = 4;
    private const ushort AttributeFlags = 5;
    private const int ReceiveBufferForce = 33;
    private const int SendBufferForce = 32;
    private const int NetlinkNoOverrunErrors = 5;
    private const byte CommandBind = 1;
    private const byte CopyPacket = 2;

    /// <summary>Packets as large as the sender made them: without it every frame is one message, a fifth to a thirteenth of the throughput.</summary>
    private const uint FlagSegmentationOffload = 4;

    private const int NotPermitted = 1;

    /// <exception cref="IOException">The queue is taken, the process may not, or the kernel has no NFQUEUE; the message says which queue.</exception>
    public static void Apply(NetlinkSocket socket, ushort queue, NfQueueOptions options)
    {
        Libc.SetOption(socket.Descriptor, Libc.LevelSocket, ReceiveBufferForce, options.ReceiveBuffer, "SO_RCVBUFFORCE");
        Libc.SetOption(socket.Descriptor, Libc.LevelSocket, SendBufferForce, options.SendBuffer, "SO_SNDBUFFORCE");
        Libc.SetOption(socket.Descriptor, Libc.LevelNetlink, NetlinkNoOverrunErrors, 1, "NETLINK_NO_ENOBUFS");

        Span<byte> buffer = stackalloc byte[128];
        var bind = new NetlinkWriter(buffer);
        bind.AddNetfilterHeader(queue);
        bind.AddAttribute(AttributeCommand, [CommandBind, 0, 0, Libc.FamilyInet]);
        Send(socket, bind, queue, "binding");

        var parameters = new NetlinkWriter(buffer);
        parameters.AddNetfilterHeader(queue);
        Span<byte> copy = stackalloc byte[5];
        BinaryPrimitives.WriteUInt32BigEndian(copy, 0xFFFF);
        copy[4] = CopyPacket;
        parameters.AddAttribute(AttributeParameters, copy);
        parameters.AddAttribute(AttributeLength, options.QueueLength);
        parameters.AddAttribute(AttributeMask, FlagSegmentationOffload);
        parameters.AddAttribute(AttributeFlags, FlagSegmentationOffload);
        Send(socket, parameters, queue, "configuring");
    }

    private static void Send(NetlinkSocket socket, NetlinkWriter message, ushort queue, string doing)
    {
        var error = socket.Request(message.Finish(TypeConfiguration, NetlinkSocket.FlagRequest | NetlinkSocket.FlagAcknowledge));
        if (error == NotPermitted)
            throw new IOException($"{doing} netfilter queue {queue}: not permitted; either another process has it or CAP_NET_ADMIN is missing (errno 1)");
        if (error != 0) throw Libc.Failure($"{doing} netfilter queue {queue}", error);
    }
}
