using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Runtime.Versioning;

namespace FwRedirect.FirewallHost.Sockets.Udp.Linux;

/// <summary>A UDP socket's error queue (ip(7), IP_RECVERR): which peer an ICMP error is about, which the socket's own error does not say.</summary>
[SupportedOSPlatform("linux")]
internal static unsafe partial class IcmpErrors
{
    private const int IpLevel = 0;
    private const int IpReceiveErrors = 11;
    private const int Ipv6Level = 41;
    private const int Ipv6ReceiveErrors = 25;
    private const int ErrorQueue = 0x2000;
    private const int DontWait = 0x40;

    // struct sock_extended_err, and the ICMP types "destination unreachable" of the two families.
    private const byte OriginIcmp = 2;
    private const byte OriginIcmp6 = 3;
    private const byte IcmpUnreachable = 3;
    private const byte Icmp6Unreachable = 1;

    private const uint NoNetwork = 64;
    private const uint MessageSize = 90;
    private const uint NetworkUnreachable = 101;
    private const uint ConnectionRefused = 111;
    private const uint HostDown = 112;
    private const uint HostUnreachable = 113;

    public static void Enable(Socket socket)
    {
        var (level, option) = socket.AddressFamily == AddressFamily.InterNetwork ? (IpLevel, IpReceiveErrors) : (Ipv6Level, Ipv6ReceiveErrors);
        socket.SetRawSocketOption(level, option, BitConverter.GetBytes(1));
    }

    /// <summary>Takes one error off the queue; false where there is none.</summary>
    /// <param name="peer">Filled with the destination of the datagram that caused it.</param>
    /// <param name="error">Null where it is none for the program: a time-out of hops.</param>
    /// <param name="mtu">With <see cref="SocketError.MessageSize"/>, what fits: the kernel cuts what is larger from now on.</param>
    public static bool TryTake(SafeSocketHandle socket, SocketAddress peer, out SocketError? error, out int mtu)
    {
        (error, mtu) = (null, 0);
        // Room for the extended error, the offender's address, and other control messages that a socket may be set to.
        var control = stackalloc byte[512];
        fixed (byte* name = peer.Buffer.Span)
        {
            var message = new MessageHeader { Name = name, NameLength = (uint)peer.Buffer.Length, Control = control, ControlLength = 512 };
            if (ReceiveMessage(socket, &message, ErrorQueue | DontWait) < 0)
                return false;
            if (message.ControlLength < (nuint)(sizeof(ControlHeader) + sizeof(ExtendedError)))
                return true;
        }

        var header = (ControlHeader*)control;
        if ((header->Level, header->Type) is not ((IpLevel, IpReceiveErrors) or (Ipv6Level, Ipv6ReceiveErrors)))
            return true;
        var extended = (ExtendedError*)(header + 1);
        if ((extended->Origin, extended->Type) is (OriginIcmp, IcmpUnreachable) or (OriginIcmp6, Icmp6Unreachable))
        {
            error = extended->Number switch
            {
                ConnectionRefused => SocketError.ConnectionRefused,
                HostUnreachable or HostDown => SocketError.HostUnreachable,
                NetworkUnreachable or NoNetwork => SocketError.NetworkUnreachable,
                MessageSize when extended->Info is >= 68 and <= ushort.MaxValue => SocketError.MessageSize,
                _ => null,
            };
            mtu = (int)extended->Info;
        }

        return true;
    }

    [LibraryImport("libc", EntryPoint = "recvmsg")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial nint ReceiveMessage(SafeSocketHandle socket, MessageHeader* message, int flags);

    [StructLayout(LayoutKind.Sequential)]
    private struct MessageHeader
    {
        public void* Name;
        public uint NameLength;
        public void* Vectors;
        public nuint VectorCount;
        public void* Control;
        public nuint ControlLength;
        public int Flags;
    }

    [StructLayout(LayoutKind.Sequential)]
    private struct ControlHeader
    {
        public nuint Length;
        public int Level;
        public int Type;
    }

    [StructLayout(LayoutKind.Sequential)]
    private struct ExtendedError
    {
        public uint Number;
        public byte Origin;
        public byte Type;
        public byte Code;
        public byte Padding;
        public uint Info;
        public uint Data;
    }
}
