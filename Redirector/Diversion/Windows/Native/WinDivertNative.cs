using System.Runtime.InteropServices;
using System.Runtime.Versioning;

namespace FwRedirect.Redirector.Diversion.Windows.Native;

/// <summary>
/// The functions of WinDivert.dll 2.2 that we use. All of them block; the DLL waits on an event of the calling thread. <see cref="Load"/> comes first: the DLL is
/// never looked for, a file of its name elsewhere in the search path would run with all rights.
/// </summary>
[SupportedOSPlatform("windows")]
internal static unsafe partial class WinDivertNative
{
    /// <summary>Packets of one call, a limit of the driver.</summary>
    public const int LargestBatch = 255;

    public const int NoFile = 2;
    public const int InvalidHandle = 6;
    public const int InvalidParameter = 87;
    public const int InsufficientBuffer = 122;
    public const int NoData = 232;
    public const int NoSuchDevice = 433;
    public const int OperationAborted = 995;

    private const string Library = "WinDivert";

    private static readonly Lock Gate = new();
    private static nint _library;

    /// <summary>Loads the DLL from this absolute path, once a process.</summary>
    /// <exception cref="DllNotFoundException">The file is not there, or the system did not take it.</exception>
    /// <exception cref="BadImageFormatException">It is no DLL for a 64-bit process.</exception>
    public static void Load(string path)
    {
        lock (Gate)
        {
            if (_library != 0)
                return;
            var library = NativeLibrary.Load(path);
            NativeLibrary.SetDllImportResolver(typeof(WinDivertNative).Assembly, (name, _, _) => name == Library ? _library : 0);
            _library = library;
        }
    }

    [LibraryImport(Library, EntryPoint = "WinDivertOpen", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial WinDivertHandle Open(string filter, WinDivertLayer layer, short priority, WinDivertOpenFlags flags);

    /// <param name="addressLength">In bytes, both ways.</param>
    [LibraryImport(Library, EntryPoint = "WinDivertRecvEx", SetLastError = true)]
    [return: MarshalAs(UnmanagedType.Bool)]
    public static partial bool Receive(
        WinDivertHandle handle, byte* packets, uint length, uint* received, ulong flags, WinDivertAddress* addresses, uint* addressLength, nint overlapped);

    [LibraryImport(Library, EntryPoint = "WinDivertSendEx", SetLastError = true)]
    [return: MarshalAs(UnmanagedType.Bool)]
    public static partial bool Send(
        WinDivertHandle handle, byte* packets, uint length, uint* sent, ulong flags, WinDivertAddress* addresses, uint addressLength, nint overlapped);

    [LibraryImport(Library, EntryPoint = "WinDivertShutdown", SetLastError = true)]
    [return: MarshalAs(UnmanagedType.Bool)]
    public static partial bool Shutdown(WinDivertHandle handle, WinDivertShutdown how);

    [LibraryImport(Library, EntryPoint = "WinDivertClose", SetLastError = true)]
    [return: MarshalAs(UnmanagedType.Bool)]
    public static partial bool Close(nint handle);

    [LibraryImport(Library, EntryPoint = "WinDivertSetParam", SetLastError = true)]
    [return: MarshalAs(UnmanagedType.Bool)]
    public static partial bool SetParameter(WinDivertHandle handle, WinDivertParameter parameter, ulong value);

    [LibraryImport(Library, EntryPoint = "WinDivertGetParam", SetLastError = true)]
    [return: MarshalAs(UnmanagedType.Bool)]
    public static partial bool GetParameter(WinDivertHandle handle, WinDivertParameter parameter, out ulong value);

    /// <param name="error">A text inside the DLL; nobody frees it.</param>
    [LibraryImport(Library, EntryPoint = "WinDivertHelperCompileFilter", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    [return: MarshalAs(UnmanagedType.Bool)]
    public static partial bool CompileFilter(string filter, WinDivertLayer layer, byte* compiled, uint length, out byte* error, out uint position);
}
