using System.Runtime.InteropServices;
using System.Runtime.Versioning;

namespace FwRedirect.Redirector.Diversion.Windows.Routes.Native;

/// <summary>The routing calls of the IP Helper API (netioapi.h). Each returns a Win32 error, 0 for success.</summary>
[SupportedOSPlatform("windows")]
internal static unsafe partial class IpHelper
{
    public const uint NotFound = 1168;

    /// <summary>Where the rows of a MIB_IPFORWARD_TABLE2 begin, behind their number.</summary>
    public const int RowsOffset = 8;

    private const string Library = "iphlpapi.dll";

    [LibraryImport(Library, EntryPoint = "GetIpForwardTable2")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    public static partial uint GetForwardTable(ushort family, out byte* table);

    [LibraryImport(Library, EntryPoint = "FreeMibTable")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    public static partial void FreeTable(byte* table);

    /// <summary>Wine 8 has none.</summary>
    [LibraryImport(Library, EntryPoint = "CreateIpForwardEntry2")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    public static partial uint CreateForwardEntry(in IpForwardRow row);

    [LibraryImport(Library, EntryPoint = "DeleteIpForwardEntry2")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    public static partial uint DeleteForwardEntry(in IpForwardRow row);

    /// <summary>Calls back on a thread of the system's, until <see cref="CancelNotice"/>.</summary>
    [LibraryImport(Library, EntryPoint = "NotifyRouteChange2")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    public static partial uint NotifyRouteChange(
        ushort family, delegate* unmanaged[Stdcall]<void*, IpForwardRow*, int, void> callback, void* context, byte initial, out nint notice);

    [LibraryImport(Library, EntryPoint = "CancelMibChangeNotify2")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    public static partial uint CancelNotice(nint notice);
}
