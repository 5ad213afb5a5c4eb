using System.Runtime.InteropServices;
using System.Runtime.Versioning;
using System.Text;

namespace FwRedirect.Redirector.Diversion.Linux.SocketEvents;

/// <summary>What the BPF program notes of who made a socket.</summary>
[SupportedOSPlatform("linux")]
[StructLayout(LayoutKind.Explicit, Size = Size)]
internal unsafe struct SocketOwnerRecord
{
    public const int Size = 32;

    /// <summary>The kernel's TASK_COMM_LEN.</summary>
    public const int NameSize = 16;

    [FieldOffset(0)] public ulong ProcessAndThread;

    /// <summary>The group is the upper half.</summary>
    [FieldOffset(8)] public ulong UserAndGroup;

    [FieldOffset(16)] public fixed byte NameBytes[NameSize];

    /// <summary>As the kernel's first namespace counts (the upper half is the thread group).</summary>
    public readonly int ProcessId => (int)(ProcessAndThread >> 32);

    public readonly uint Uid => (uint)UserAndGroup;

    /// <summary>The first 15 bytes of the program's file name; empty where nothing was noted.</summary>
    public readonly string Name
    {
        get
        {
            fixed (byte* bytes = NameBytes) return Encoding.UTF8.GetString(MemoryMarshal.CreateReadOnlySpanFromNullTerminated(bytes));
        }
    }
}
