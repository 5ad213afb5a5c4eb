using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Runtime.Versioning;

namespace FwRedirect.FirewallHost.Sockets.Echo.Linux;

/// <summary>sendmsg and recvmsg with the two things that .NET's sockets do not carry: a packet's TTL, both ways, and the error queue (ip(7)).</summary>
[SupportedOSPlatform("linux")]
internal static unsafe partial class EchoMessages
{
    public const int TooLarge = 90; // EMSGSIZE
    public const byte OriginLocal = 1;
    public const byte OriginIcmp = 2;

    private const int IpLevel = 0;
    private const int TimeToLive = 2;
    private const int ReceiveErrors = 11;
    private const int ReceiveTimeToLive = 12;
    private const int RawLevel = 255;
    private const int IcmpFilter = 1;
    private const int ErrorQueue = 0x2000;
    private const int DontWait = 0x40;
    private const ushort FamilyInet = 2;

    /// <summary>All messages are asked for with their TTL, and errors with who sent them.</summary>
    public static void Prepare(Socket socket)
    {
        socket.SetRawSocketOption(IpLevel, ReceiveTimeToLive, BitConverter.GetBytes(1));
        socket.SetRawSocketOption(IpLevel, ReceiveErrors, BitConverter.GetBytes(1));
    }

    /// <summary>A raw socket hears all ICMP: of it only echo replies.</summary>
    public static void HearRepliesOnly(Socket socket) => socket.SetRawSocketOption(RawLevel, IcmpFilter, BitConverter.GetBytes(~1));

    /// <returns>0, or the error number.</returns>
    public static int Send(SafeSocketHandle socket, uint destination, byte timeToLive, ReadOnlySpan<byte> message)
    {
        var name = new InetAddress { Family = FamilyInet, Address = destination };
        var control = new ControlInt { Length = (nuint)(sizeof(ControlHeader) + sizeof(int)), Level = IpLevel, Type = TimeToLive, Value = timeToLive };
        fixed (byte* bytes = message)
        {
            var vector = new Vector { Base = bytes, Length = (nuint)message.Length };
            var header = new MessageHeader
            {
                Name = &name,
                NameLength = (uint)sizeof(InetAddress),
                Vectors = &vector,
                VectorCount = 1,
                Control = &control,
                ControlLength = (nuint)sizeof(ControlInt),
            };
            return SendMessage(socket, &header, DontWait) >= 0 ? 0 : Marshal.GetLastPInvokeError();
        }
    }

    /// <summary>The next message, as it is; below 0 where there is none now.</summary>
    public static int Receive(SafeSocketHandle socket, Span<byte> buffer, out uint source, out byte timeToLive)
    {
        var (count, values) = Receive(socket, buffer, DontWait);
        (source, timeToLive) = (values.Peer, values.TimeToLive);
        return count;
    }

    /// <summary>The next error and the ICMP message that caused it; below 0 where there is none now.</summary>
    public static int ReceiveError(SafeSocketHandle socket, Span<byte> buffer, out EchoFailure failure)
    {
        var (count, values) = Receive(socket, buffer, ErrorQueue | DontWait);
        failure = new EchoFailure(values.Peer, values.Error.Origin, values.Error.Type, values.Error.Code, values.Error.Info, values.Offender);
        return count;
    }

    private static (int Count, ControlValues Values) Receive(SafeSocketHandle socket, Span<byte> buffer, int flags)
    {
        var control = stackalloc byte[512];
        InetAddress name = default;
        var values = default(ControlValues);
        fixed (byte* bytes = buffer)
        {
            var vector = new Vector { Base = bytes, Length = (nuint)buffer.Length };
            var header = new MessageHeader
            {
                Name = &name,
                NameLength = (uint)sizeof(InetAddress),
                Vectors = &vector,
                VectorCount = 1,
                Control = control,
                ControlLength = 512,
            };
            var count = (int)ReceiveMessage(socket, &header, flags);
            if (count < 0)
                return (count, values);
            values.Peer = name.Address;
            Read(control, (int)header.ControlLength, ref values);
            return (count, values);
        }
    }

    private static void Read(byte* control, int length, ref ControlValues values)
    {
        // Each is padded to eight bytes (CMSG_ALIGN).
        for (var at = 0; at + sizeof(ControlHeader) <= length;)
        {
            var header = (ControlHeader*)(control + at);
            var size = (int)header->Length;
            if (size < sizeof(ControlHeader) || at + size > length)
                return;
            var data = control + at + sizeof(ControlHeader);
            if (header->Level == IpLevel && header->Type == TimeToLive && size >= sizeof(ControlHeader) + sizeof(int))
            {
                values.TimeToLive = (byte)*(int*)data;
            }
            else if (header->Level == IpLevel && header->Type == ReceiveErrors && size >= sizeof(ControlHeader) + sizeof(ExtendedError))
            {
                values.Error = *(ExtendedError*)data;
                if (size >= sizeof(ControlHeader) + sizeof(ExtendedError) + sizeof(InetAddress))
                    values.Offender = ((InetAddress*)(data + sizeof(ExtendedError)))->Address;
            }

            at += (size + 7) & ~7;
        }
    }

    [LibraryImport("libc", EntryPoint = "recvmsg")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial nint ReceiveMessage(SafeSocketHandle socket, MessageHeader* message, int flags);

    [LibraryImport("libc", EntryPoint = "sendmsg", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial nint SendMessage(SafeSocketHandle socket, MessageHeader* message, int flags);

    private struct ControlValues
    {
        public uint Peer;
        public byte TimeToLive;
        public ExtendedError Error;
        public uint Offender;
    }

    [StructLayout(LayoutKind.Sequential)]
    private struct MessageHeader
    {
        public InetAddress* Name;
        public uint NameLength;
        public Vector* Vectors;
        public nuint VectorCount;
        public void* Control;
        public nuint ControlLength;
        public int Flags;
    }

    [StructLayout(LayoutKind.Sequential)]
    private struct Vector
    {
        public byte* Base;
        public nuint Length;
    }

    /// <summary>struct sockaddr_in; the address in network order.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct InetAddress
    {
        public ushort Family;
        public ushort Port;
        public uint Address;
        public ulong Zero;
    }

    [StructLayout(LayoutKind.Sequential)]
    private struct ControlHeader
    {
        public nuint Length;
        public int Level;
        public int Type;
    }

    [StructLayout(LayoutKind.Sequential)]
    private struct ControlInt
    {
        public nuint Length;
        public int Level;
        public int Type;
        public int Value;
        public int Padding;
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
