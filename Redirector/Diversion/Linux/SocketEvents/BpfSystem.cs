using System.Runtime.InteropServices;
using System.Runtime.Versioning;
using System.Text;
using FwRedirect.Redirector.Diversion.Linux.Native;

namespace FwRedirect.Redirector.Diversion.Linux.SocketEvents;

/// <summary>The bpf system call. Everything made here lives as long as its descriptor: a killed process leaves nothing.</summary>
[SupportedOSPlatform("linux")]
internal static unsafe class BpfSystem
{
    public const uint MapLruHash = 9;
    public const uint MapRingBuffer = 27;
    public const uint ProgramCgroupSocket = 9;
    public const uint ProgramSocketOperations = 13;
    public const uint AttachSocketCreate = 2;
    public const uint AttachSocketOperations = 3;
    public const uint AttachAfterBind4 = 12;
    public const uint AttachAfterBind6 = 13;
    public const uint AttachSocketRelease = 34;

    private const int CommandMapCreate = 0;
    private const int CommandMapLookUp = 1;
    private const int CommandProgramLoad = 5;
    private const int CommandLinkCreate = 28;
    private const int AttributeSize = 128;
    private const int LogSize = 64 * 1024;

    public static Descriptor CreateMap(uint type, uint keySize, uint valueSize, uint entries)
    {
        var attribute = stackalloc uint[AttributeSize / 4];
        (attribute[0], attribute[1], attribute[2], attribute[3]) = (type, keySize, valueSize, entries);
        return Open(CommandMapCreate, attribute, $"BPF map of type {type}");
    }

    /// <exception cref="IOException">With the verifier's last words.</exception>
    public static Descriptor LoadProgram(uint type, uint attachType, ulong[] code)
    {
        var log = (byte*)NativeMemory.AllocZeroed(LogSize);
        try
        {
            fixed (ulong* instructions = code)
            // The MIT licence is compatible with the GPL, which the kernel wants to be told of whoever reads its memory.
            fixed (byte* license = "Dual MIT/GPL\0"u8)
            {
                var attribute = stackalloc uint[AttributeSize / 4];
                (attribute[0], attribute[1]) = (type, (uint)code.Length);
                *(ulong**)(attribute + 2) = instructions;
                *(byte**)(attribute + 4) = license;
                (attribute[6], attribute[7]) = (1, LogSize);
                *(byte**)(attribute + 8) = log;
                attribute[17] = attachType;
                return Open(CommandProgramLoad, attribute, $"BPF program of type {type}", () => LastLines(log));
            }
        }
        finally
        {
            NativeMemory.Free(log);
        }
    }

    /// <summary>Runs the program for every socket of the control group, beside whatever else is attached there.</summary>
    public static Descriptor Attach(Descriptor program, Descriptor cgroup, uint attachType)
    {
        var attribute = stackalloc uint[AttributeSize / 4];
        attribute[0] = (uint)program.DangerousGetHandle();
        attribute[1] = (uint)cgroup.DangerousGetHandle();
        attribute[2] = attachType;
        return Open(CommandLinkCreate, attribute, "attaching a BPF program to the control group");
    }

    /// <param name="value">As large as the map's values.</param>
    public static bool TryLookUp<T>(Descriptor map, ulong key, out T value) where T : unmanaged
    {
        T found = default;
        var attribute = stackalloc ulong[AttributeSize / 8];
        *(uint*)attribute = (uint)map.DangerousGetHandle();
        attribute[1] = (ulong)&key;
        attribute[2] = (ulong)&found;
        var done = Libc.SystemCall(Number, CommandMapLookUp, attribute, AttributeSize) == 0;
        value = found;
        return done;
    }

    private static nint Number => RuntimeInformation.ProcessArchitecture switch
    {
        Architecture.X64 => 321,
        Architecture.Arm64 => 280,
        var other => throw new PlatformNotSupportedException($"the number of the bpf system call on {other} is not known here"),
    };

    private static Descriptor Open(int command, uint* attribute, string what, Func<string>? detail = null)
    {
        var result = Libc.SystemCall(Number, command, attribute, AttributeSize);
        if (result >= 0) return new Descriptor((int)result);
        var error = Marshal.GetLastPInvokeError();
        var missing = error switch
        {
            1 or 13 => "; CAP_BPF and CAP_NET_ADMIN (or root outside a container) are needed",
            38 => "; this kernel has no BPF",
            _ => "",
        };
        var failure = Libc.Failure(what, error);
        throw new IOException(failure.Message + missing + detail?.Invoke());
    }

    private static string LastLines(byte* log)
    {
        var text = Encoding.UTF8.GetString(MemoryMarshal.CreateReadOnlySpanFromNullTerminated(log));
        return text.Length == 0 ? "" : "; the verifier says: " + string.Join(" | ", text.Split('\n', StringSplitOptions.RemoveEmptyEntries).TakeLast(4));
    }
}
