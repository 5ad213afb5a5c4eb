using System.Runtime.InteropServices;
using System.Runtime.Versioning;

namespace FwRedirect.Redirector.Installation.Windows;

/// <summary>QUERY_SERVICE_CONFIGW (winsvc.h), 64 bytes in a 64-bit process; the texts follow it in the same buffer.</summary>
[SupportedOSPlatform("windows")]
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct ServiceConfiguration
{
    public uint ServiceType;
    public uint StartType;
    public uint ErrorControl;
    public char* BinaryPathName;
    public char* LoadOrderGroup;
    public uint TagId;
    public char* Dependencies;
    public char* ServiceStartName;
    public char* DisplayName;
}
