using System.Runtime.Versioning;
using FwRedirect.Redirector.Diversion.Linux.Native;

namespace FwRedirect.Redirector.Diversion.Linux.SocketEvents;

/// <summary>
/// The BPF programs. One notes who makes a socket (cookie to process); one runs for TCP connects, listens and the end of a listen, notes the caller
/// and writes a <see cref="SocketRecord"/>; two write such a record at a UDP socket's bind and at its end. A process id in the map is there before the first packet is, so a look-up at the SYN never comes too early.
/// </summary>
[SupportedOSPlatform("linux")]
internal static class SocketPrograms
{
    public const uint OperationConnect = 3;
    public const uint OperationState = 10;
    public const uint OperationListen = 11;

    /// <summary>Not one of the kernel's sock_ops: the end of a UDP socket.</summary>
    public const uint OperationDatagramClose = 100;

    /// <summary>A UDP socket's bind.</summary>
    public const uint OperationDatagramBind = 101;

    private const int HelperMapUpdate = 2;
    private const int HelperProcess = 14;
    private const int HelperCookie = 46;
    private const int HelperSetCallbacks = 59;
    private const int HelperNamespaceCookie = 122;
    private const int HelperRingOutput = 130;
    private const int StateSynSent = 2;
    private const int StateClose = 7;
    private const int StateListen = 10;
    private const int CallbackOnState = 4;
    private const int ProtocolUdp = 17;

    // struct bpf_sock
    private const int SocketFamily = 4;
    private const int SocketProtocol = 12;
    private const int SocketLocalIp4 = 24;
    private const int SocketLocalIp6 = 28;
    private const int SocketLocalPort = 44;

    // struct bpf_sock_ops
    private const int ContextOperation = 0;
    private const int ContextOldState = 4;
    private const int ContextNewState = 8;
    private const int ContextFamily = 20;
    private const int ContextRemoteIp4 = 24;
    private const int ContextLocalIp4 = 28;
    private const int ContextRemoteIp6 = 32;
    private const int ContextLocalIp6 = 48;
    private const int ContextRemotePort = 64;
    private const int ContextLocalPort = 68;
    private const int ContextCallbacks = 84;

    // Places on the stack, from the frame's end.
    private const int Record = -SocketRecord.Size;
    private const int Key = Record - 8;
    private const int Value = Record - 16;

    /// <summary>BPF_CGROUP_INET_SOCK_CREATE: runs in the call of socket(), for UDP too.</summary>
    public static ulong[] NoteCreator(Descriptor owners)
    {
        var code = new BpfAssembler();
        code.Move(6, 1);
        NoteOwner(code, owners);
        code.Return(1);
        return code.Assemble();
    }

    public static ulong[] TellEvents(Descriptor owners, Descriptor ring)
    {
        var code = new BpfAssembler();
        code.Move(6, 1);
        code.Load32(7, 6, ContextOperation);
        code.JumpIfEqual(7, (int)OperationConnect, "watch");
        code.JumpIfEqual(7, (int)OperationListen, "watch");
        code.JumpIfNotEqual(7, (int)OperationState, "done");
        code.Load32(2, 6, ContextOldState);
        code.JumpIfEqual(2, StateListen, "tell");
        // A connect that came to nothing: the program gave it up, or its time is over, or it was refused.
        code.JumpIfNotEqual(2, StateSynSent, "done");
        code.Load32(2, 6, ContextNewState);
        code.JumpIfEqual(2, StateClose, "tell");
        code.Jump("done");

        // The end of a listen or of a connect is a change of state, which is told only where it was asked for; other programs' wishes stay.
        code.Label("watch");
        code.Load32(2, 6, ContextCallbacks);
        code.Or(2, CallbackOnState);
        code.Move(1, 6);
        code.Call(HelperSetCallbacks);

        NoteOwner(code, owners);

        code.Label("tell");
        code.Store32(10, Record, 7);
        Copy32(code, ContextFamily, 4);
        Stamp(code);
        for (var i = 0; i < 16; i += 4)
        {
            Copy32(code, ContextLocalIp6 + i, 32 + i);
            Copy32(code, ContextRemoteIp6 + i, 48 + i);
        }

        Copy32(code, ContextLocalIp4, 64);
        Copy32(code, ContextRemoteIp4, 68);
        Copy32(code, ContextRemotePort, 72);
        Copy32(code, ContextLocalPort, 76);
        Send(code, ring);

        code.Label("done");
        code.Return(1);
        return code.Assemble();
    }

    /// <summary>
    /// BPF_CGROUP_INET_SOCK_RELEASE: runs when the last descriptor of a socket goes. The kernel shows a program of this kind no port, so that the cookie has to do.
    /// </summary>
    public static ulong[] TellDatagramEnds(Descriptor ring) => TellDatagrams(ring, OperationDatagramClose, _ => { });

    /// <summary>BPF_CGROUP_INET4_POST_BIND and its twin for IPv6: runs in the call of bind(), once the port is the socket's. Each is shown the address of its own family only.</summary>
    public static ulong[] TellDatagramBinds(Descriptor ring, bool isIPv6) => TellDatagrams(ring, OperationDatagramBind, code =>
    {
        Copy32(code, SocketFamily, 4);
        for (var i = 0; isIPv6 && i < 16; i += 4)
            Copy32(code, SocketLocalIp6 + i, 32 + i);
        if (!isIPv6)
            Copy32(code, SocketLocalIp4, 64);
        Copy32(code, SocketLocalPort, 76);
    });

    private static ulong[] TellDatagrams(Descriptor ring, uint operation, Action<BpfAssembler> writeEndpoint)
    {
        var code = new BpfAssembler();
        code.Move(6, 1);
        code.Load32(2, 6, SocketProtocol);
        code.JumpIfNotEqual(2, ProtocolUdp, "done");
        code.Set(7, 0);
        for (var i = 0; i < SocketRecord.Size; i += 8) code.Store64(10, Record + i, 7);
        code.Set(7, (int)operation);
        code.Store32(10, Record, 7);
        writeEndpoint(code);
        Stamp(code);
        Send(code, ring);
        code.Label("done");
        code.Return(1);
        return code.Assemble();
    }

    /// <summary>Process, cookie and namespace of the socket in register 6.</summary>
    private static void Stamp(BpfAssembler code)
    {
        code.Call(HelperProcess);
        code.Store64(10, Record + 8, 0);
        code.Move(1, 6);
        code.Call(HelperCookie);
        code.Store64(10, Record + 16, 0);
        code.Move(1, 6);
        code.Call(HelperNamespaceCookie);
        code.Store64(10, Record + 24, 0);
    }

    private static void Send(BpfAssembler code, Descriptor ring)
    {
        code.LoadMap(1, ring);
        code.StackAddress(2, Record);
        code.Set(3, SocketRecord.Size);
        code.Set(4, 0);
        code.Call(HelperRingOutput);
    }

    private static void NoteOwner(BpfAssembler code, Descriptor owners)
    {
        code.Move(1, 6);
        code.Call(HelperCookie);
        code.Store64(10, Key, 0);
        code.Call(HelperProcess);
        code.Store64(10, Value, 0);
        code.LoadMap(1, owners);
        code.StackAddress(2, Key);
        code.StackAddress(3, Value);
        code.Set(4, 0);
        code.Call(HelperMapUpdate);
    }

    private static void Copy32(BpfAssembler code, int contextOffset, int recordOffset)
    {
        code.Load32(2, 6, contextOffset);
        code.Store32(10, Record + recordOffset, 2);
    }
}
