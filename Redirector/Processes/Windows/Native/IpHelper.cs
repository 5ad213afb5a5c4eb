using System.Runtime.InteropServices;
using System.Runtime.Versioning;

namespace FwRedirect.Redirector.Processes.Windows.Native;

/// <summary>The system's tables of sockets with their owners.</summary>
[SupportedOSPlatform("windows")]
internal static unsafe partial class IpHelper
{
    public const uint FamilyInet = 2;
    public const uint FamilyInet6 = 23;

    /// <summary>TCP_TABLE_OWNER_PID_ALL.</summary>
    public const int TcpOwnerPidAll = 5;

    /// <summary>UDP_TABLE_OWNER_PID.</summary>
    public const int UdpOwnerPid = 1;

    public const uint NoError = 0;
    public const uint InsufficientBuffer = 122;

    private const string Library = "iphlpapi.dll";

    /// <param name="size">In: bytes that fit. Out: bytes that are needed.</param>
    [LibraryImport(Library, EntryPoint = "GetExtendedTcpTable")]
    public static partial uint GetTcpTable(void* table, uint* size, int order, uint family, int tableClass, uint reserved);

    /// <param name="size">In: bytes that fit. Out: bytes that are needed.</param>
    [LibraryImport(Library, EntryPoint = "GetExtendedUdpTable")]
    public static partial uint GetUdpTable(void* table, uint* size, int order, uint family, int tableClass, uint reserved);
}
