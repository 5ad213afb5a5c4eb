using System.Runtime.InteropServices;
using System.Runtime.Versioning;

namespace FwRedirect.Redirector.Diversion.Windows.Blocking.Native;

/// <summary>The calls of the Windows Filtering Platform's management API (fwpmu.h) that we use. Each returns an error, 0 for success.</summary>
[SupportedOSPlatform("windows")]
internal static unsafe partial class FilteringPlatform
{
    /// <summary>RPC_C_AUTHN_DEFAULT.</summary>
    public const uint AuthenticationDefault = uint.MaxValue;

    /// <summary>FWP_E_FILTER_NOT_FOUND.</summary>
    public const uint FilterNotFound = 0x80320003;

    /// <summary>FWP_E_SUBLAYER_NOT_FOUND.</summary>
    public const uint SublayerNotFound = 0x80320007;

    private const string Library = "fwpuclnt.dll";

    [LibraryImport(Library, EntryPoint = "FwpmEngineOpen0")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    public static partial uint Open(char* server, uint authentication, void* identity, FilterSession* session, out FilterEngineHandle engine);

    [LibraryImport(Library, EntryPoint = "FwpmEngineClose0")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    public static partial uint Close(nint engine);

    [LibraryImport(Library, EntryPoint = "FwpmTransactionBegin0")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    public static partial uint Begin(FilterEngineHandle engine, uint flags);

    [LibraryImport(Library, EntryPoint = "FwpmTransactionCommit0")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    public static partial uint Commit(FilterEngineHandle engine);

    [LibraryImport(Library, EntryPoint = "FwpmTransactionAbort0")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    public static partial uint Abort(FilterEngineHandle engine);

    [LibraryImport(Library, EntryPoint = "FwpmSubLayerAdd0")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    public static partial uint AddSublayer(FilterEngineHandle engine, FilterSublayer* sublayer, nint securityDescriptor);

    [LibraryImport(Library, EntryPoint = "FwpmSubLayerDeleteByKey0")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    public static partial uint DeleteSublayer(FilterEngineHandle engine, in Guid key);

    /// <summary>What is found belongs to the caller: <see cref="Free"/>.</summary>
    [LibraryImport(Library, EntryPoint = "FwpmSubLayerGetByKey0")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    public static partial uint GetSublayer(FilterEngineHandle engine, in Guid key, void** found);

    [LibraryImport(Library, EntryPoint = "FwpmFilterAdd0")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    public static partial uint AddFilter(FilterEngineHandle engine, FilterEntry* filter, nint securityDescriptor, ulong* id);

    [LibraryImport(Library, EntryPoint = "FwpmFilterDeleteByKey0")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    public static partial uint DeleteFilter(FilterEngineHandle engine, in Guid key);

    /// <summary>What is found belongs to the caller: <see cref="Free"/>.</summary>
    [LibraryImport(Library, EntryPoint = "FwpmFilterGetByKey0")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    public static partial uint GetFilter(FilterEngineHandle engine, in Guid key, void** found);

    [LibraryImport(Library, EntryPoint = "FwpmFreeMemory0")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    public static partial void Free(void** memory);
}
