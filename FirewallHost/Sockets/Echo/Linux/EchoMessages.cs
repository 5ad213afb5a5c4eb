using System.Diagnostics.CodeAnalysis;
using System.Net;
using System.Net.Sockets;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Versioning;

namespace FwRedirect.FirewallHost.Sockets.Echo.Linux;

/// <summary>sendmsg and recvmsg with the two things that .NET's sockets do not carry: a packet's TTL, both ways, and the error queue (ip(7), ipv6(7)).</summary>
[SupportedOSPlatform("linux")]
internal sealed unsafe partial class EchoMessages(Socket socket)
{
    public const int TooLarge = 90; // EMSGSIZE
    public const byte OriginLocal = 1;

    private const int IpLevel = 0;
    private const int TimeToLive = 2;
    private const int MtuDiscover = 10;
    private const int ReceiveErrors = 11;
    private const int ReceiveTimeToLive = 12;
    private const int RawLevel = 255;

    private const int Ipv6Level = 41;
    private const int HopLimit = 52;
    private const int MtuDiscoverV6 = 23;
    private const int ReceiveErrorsV6 = 25;
    private const int ReceiveHopLimit = 51;
    private const int IcmpV6Level = 58;

    private const int IcmpFilter = 1;
    private const int EchoReplyV6 = 129;

    // IP_PMTUDISC_DONT, _WANT and _DO. Linux would set the bit on its own: path MTU discovery is the client's, which asks for it or not. Of IPv6 only the sender cuts, so it has to know the way.
    private const int NeverSet = 0;
    private const int AsTheWayIs = 1;
    private const int AlwaysSet = 2;

    private const int ErrorQueue = 0x2000;
    private const int DontWait = 0x40;
    private const byte OriginIcmp = 2;
    private const byte OriginIcmpV6 = 3;
    private const ushort FamilyInet = 2;
    private const ushort FamilyInetV6 = 10;

    private readonly bool _v6 = socket.AddressFamily == AddressFamily.InterNetworkV6;

    /// <summary>All messages are asked for with their TTL, and errors with who sent them.</summary>
    public void Prepare()
    {
        Set(_v6 ? Ipv6Level : IpLevel, _v6 ? ReceiveHopLimit : ReceiveTimeToLive, 1);
        Set(_v6 ? Ipv6Level : IpLevel, _v6 ? ReceiveErrorsV6 : ReceiveErrors, 1);
        DontFragment(false);
    }

    /// <summary>A raw socket hears all ICMP: of it only echo replies.</summary>
    public void HearRepliesOnly()
    {
        if (!_v6)
        {
            Set(RawLevel, IcmpFilter, ~1);
            return;
        }

        // struct icmp6_filter: a set bit keeps a type away.
        Span<byte> filter = stackalloc byte[32];
        filter.Fill(byte.MaxValue);
        filter[EchoReplyV6 / 8] ^= 1 << (EchoReplyV6 % 8);
        socket.SetRawSocketOption(IcmpV6Level, IcmpFilter, filter);
    }

    public void DontFragment(bool value) =>
        Set(_v6 ? Ipv6Level : IpLevel, _v6 ? MtuDiscoverV6 : MtuDiscover, value ? AlwaysSet : _v6 ? AsTheWayIs : NeverSet);

    /// <returns>0, or the error number.</returns>
    public int Send(IPAddress destination, byte timeToLive, ReadOnlySpan<byte> message)
    {
        var name = new InternetAddress { Family = _v6 ? FamilyInetV6 : FamilyInet };
        destination.TryWriteBytes(name.Bytes(_v6), out _);
        var control = new ControlInt
        {
            Length = (nuint)(sizeof(ControlHeader) + sizeof(int)),
            Level = _v6 ? Ipv6Level : IpLevel,
            Type = _v6 ? HopLimit : TimeToLive,
            Value = timeToLive,
        };
        fixed (byte* bytes = message)
        {
            var vector = new Vector { Base = bytes, Length = (nuint)message.Length };
            var header = new MessageHeader
            {
                Name = &name,
                NameLength = _v6 ? InternetAddress.SizeV6 : InternetAddress.SizeV4,
                Vectors = &vector,
                VectorCount = 1,
                Control = &control,
                ControlLength = (nuint)sizeof(ControlInt),
            };
            return SendMessage(socket.SafeHandle, &header, DontWait) >= 0 ? 0 : Marshal.GetLastPInvokeError();
        }
    }

    /// <summary>The next message, as it is; below 0 where there is none now.</summary>
    public int Receive(Span<byte> buffer, out IPAddress source, out byte timeToLive)
    {
        var (count, values) = Receive(buffer, DontWait);
        (source, timeToLive) = (values.Peer.Address(_v6), values.TimeToLive);
        return count;
    }

    /// <summary>The next error and the ICMP message that caused it; below 0 where there is none now.</summary>
    public int ReceiveError(Span<byte> buffer, out EchoFailure failure)
    {
        var (count, values) = Receive(buffer, ErrorQueue | DontWait);
        failure = new EchoFailure(
            values.Peer.Address(_v6), values.Error.Origin, values.Error.Type, values.Error.Code, values.Error.Info, values.Offender.Address(_v6));
        return count;
    }

    /// <summary>It came from the network, not from the own system.</summary>
    public bool IsFromNetwork(in EchoFailure failure) => failure.Origin == (_v6 ? OriginIcmpV6 : OriginIcmp);

    private void Set(int level, int option, int value) => socket.SetRawSocketOption(level, option, BitConverter.GetBytes(value));

    private (int Count, ControlValues Values) Receive(Span<byte> buffer, int flags)
    {
        var control = stackalloc byte[512];
        InternetAddress name = default;
        var values = default(ControlValues);
        fixed (byte* bytes = buffer)
        {
            var vector = new Vector { Base = bytes, Length = (nuint)buffer.Length };
            var header = new MessageHeader
            {
                Name = &name,
                NameLength = (uint)sizeof(InternetAddress),
                Vectors = &vector,
                VectorCount = 1,
                Control = control,
                ControlLength = 512,
            };
            var count = (int)ReceiveMessage(socket.SafeHandle, &header, flags);
            if (count < 0)
                return (count, values);
            values.Peer = name;
            Read(control, (int)header.ControlLength, ref values);
            return (count, values);
        }
    }

    private void Read(byte* control, int length, ref ControlValues values)
    {
        // Each is padded to eight bytes (CMSG_ALIGN).
        for (var at = 0; at + sizeof(ControlHeader) <= length;)
        {
            var header = (ControlHeader*)(control + at);
            var size = (int)header->Length;
            if (size < sizeof(ControlHeader) || at + size > length)
                return;
            var data = control + at + sizeof(ControlHeader);
            var kind = (header->Level, header->Type);
            if (kind == (_v6 ? (Ipv6Level, HopLimit) : (IpLevel, TimeToLive)) && size >= sizeof(ControlHeader) + sizeof(int))
            {
                values.TimeToLive = (byte)*(int*)data;
            }
            else if (kind == (_v6 ? (Ipv6Level, ReceiveErrorsV6) : (IpLevel, ReceiveErrors)) && size >= sizeof(ControlHeader) + sizeof(ExtendedError))
            {
                values.Error = *(ExtendedError*)data;
                var offender = size - sizeof(ControlHeader) - sizeof(ExtendedError);
                if (offender >= (int)(_v6 ? InternetAddress.SizeV6 : InternetAddress.SizeV4))
                    Unsafe.CopyBlock(ref Unsafe.As<InternetAddress, byte>(ref values.Offender), ref data[sizeof(ExtendedError)], _v6 ? InternetAddress.SizeV6 : InternetAddress.SizeV4);
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
        public InternetAddress Peer;
        public byte TimeToLive;
        public ExtendedError Error;
        public InternetAddress Offender;
    }

    [StructLayout(LayoutKind.Sequential)]
    private struct MessageHeader
    {
        public InternetAddress* Name;
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

    /// <summary>struct sockaddr_in6, and the shorter sockaddr_in, whose address stands where the flow label is.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct InternetAddress
    {
        public const uint SizeV4 = 16;
        public const uint SizeV6 = 28;

        private const int BytesV4 = 4;
        private const int BytesV6 = 16;

        public ushort Family;
        public ushort Port;
        public uint FlowOrAddress;
        public fixed byte AddressV6[BytesV6];
        public uint Scope;

        /// <summary>Where its address is, in network order.</summary>
        [UnscopedRef]
        public Span<byte> Bytes(bool v6) => v6
            ? MemoryMarshal.CreateSpan(ref AddressV6[0], BytesV6)
            : MemoryMarshal.AsBytes(new Span<uint>(ref FlowOrAddress))[..BytesV4];

        public IPAddress Address(bool v6) => new(Bytes(v6));
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
