using System.Runtime.InteropServices;
using System.Runtime.Versioning;

namespace FwRedirect.Redirector.Installation.Windows;

/// <summary>The service control manager's functions (advapi32, winsvc.h) that .NET has no API for: ServiceController neither creates a service nor tells its exit codes.</summary>
[SupportedOSPlatform("windows")]
internal static unsafe partial class ServiceControlNative
{
    public const uint ManagerConnect = 0x1;
    public const uint ManagerCreate = 0x2;
    public const uint QueryAccess = 0x1 | 0x4; // SERVICE_QUERY_CONFIG, SERVICE_QUERY_STATUS
    public const uint StartAccess = 0x10;
    public const uint StopAccess = 0x20;
    public const uint DeleteAccess = 0x10000;

    /// <summary>SERVICE_CHANGE_CONFIG, and SERVICE_START, without which no restart can be set as an action.</summary>
    public const uint ChangeAccess = 0x2 | StartAccess;

    public const uint OwnProcess = 0x10;
    public const uint AutomaticStart = 2;
    public const uint NormalErrors = 1;
    public const uint ConfigDescription = 1;
    public const uint ConfigFailureActions = 2;
    public const uint ConfigFailureActionsFlag = 4;
    public const uint ControlStop = 1;

    public const uint StateStopped = 1;
    public const uint StateStartPending = 2;
    public const uint StateStopPending = 3;

    public const int ErrorFileNotFound = 2;
    public const int ErrorAccessDenied = 5;
    public const int ErrorInsufficientBuffer = 122;
    public const int ErrorInvalidLevel = 124;
    public const int ErrorServiceRequestTimeout = 1053;
    public const int ErrorServiceAlreadyRunning = 1056;
    public const int ErrorServiceDisabled = 1058;
    public const int ErrorServiceDoesNotExist = 1060;
    public const int ErrorServiceNotActive = 1062;
    public const int ErrorServiceSpecific = 1066;
    public const int ErrorProcessAborted = 1067;
    public const int ErrorServiceDependency = 1068;
    public const int ErrorServiceMarkedForDelete = 1072;
    public const int ErrorServiceNeverStarted = 1077;

    private const string Library = "advapi32";

    [LibraryImport(Library, EntryPoint = "OpenSCManagerW", SetLastError = true)]
    public static partial ServiceHandle OpenManager(char* machine, char* database, uint access);

    [LibraryImport(Library, EntryPoint = "OpenServiceW", SetLastError = true, StringMarshalling = StringMarshalling.Utf16)]
    public static partial ServiceHandle OpenService(ServiceHandle manager, string name, uint access);

    [LibraryImport(Library, EntryPoint = "CreateServiceW", SetLastError = true, StringMarshalling = StringMarshalling.Utf16)]
    public static partial ServiceHandle CreateService(
        ServiceHandle manager, string name, string displayName, uint access, uint type, uint start, uint errorControl, string path, string? group, uint* tag,
        string? dependencies, string? account, string? password);

    [LibraryImport(Library, EntryPoint = "ChangeServiceConfigW", SetLastError = true, StringMarshalling = StringMarshalling.Utf16)]
    [return: MarshalAs(UnmanagedType.Bool)]
    public static partial bool ChangeConfig(
        ServiceHandle service, uint type, uint start, uint errorControl, string? path, string? group, uint* tag, string? dependencies, string? account,
        string? password, string? displayName);

    [LibraryImport(Library, EntryPoint = "ChangeServiceConfig2W", SetLastError = true)]
    [return: MarshalAs(UnmanagedType.Bool)]
    public static partial bool ChangeConfig2(ServiceHandle service, uint level, void* info);

    [LibraryImport(Library, EntryPoint = "QueryServiceConfigW", SetLastError = true)]
    [return: MarshalAs(UnmanagedType.Bool)]
    public static partial bool QueryConfig(ServiceHandle service, void* buffer, uint size, out uint needed);

    [LibraryImport(Library, EntryPoint = "QueryServiceStatusEx", SetLastError = true)]
    [return: MarshalAs(UnmanagedType.Bool)]
    public static partial bool QueryStatus(ServiceHandle service, int level, ServiceStatusProcess* buffer, uint size, out uint needed);

    [LibraryImport(Library, EntryPoint = "StartServiceW", SetLastError = true)]
    [return: MarshalAs(UnmanagedType.Bool)]
    public static partial bool StartService(ServiceHandle service, uint count, char** arguments);

    /// <param name="status">A SERVICE_STATUS.</param>
    [LibraryImport(Library, EntryPoint = "ControlService", SetLastError = true)]
    [return: MarshalAs(UnmanagedType.Bool)]
    public static partial bool ControlService(ServiceHandle service, uint control, ServiceStatusProcess* status);

    [LibraryImport(Library, EntryPoint = "DeleteService", SetLastError = true)]
    [return: MarshalAs(UnmanagedType.Bool)]
    public static partial bool DeleteService(ServiceHandle service);

    [LibraryImport(Library, EntryPoint = "CloseServiceHandle")]
    [return: MarshalAs(UnmanagedType.Bool)]
    public static partial bool CloseServiceHandle(nint handle);

    /// <param name="statusHandle">What the service's own process got when it registered.</param>
    /// <param name="status">A SERVICE_STATUS.</param>
    [LibraryImport(Library, EntryPoint = "SetServiceStatus", SetLastError = true)]
    [return: MarshalAs(UnmanagedType.Bool)]
    public static partial bool SetStatus(nint statusHandle, ServiceStatusProcess* status);
}
