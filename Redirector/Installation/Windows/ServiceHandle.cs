using System.Runtime.InteropServices;
using System.Runtime.Versioning;

namespace FwRedirect.Redirector.Installation.Windows;

/// <summary>A handle of the service control manager: to itself or to a service.</summary>
[SupportedOSPlatform("windows")]
internal sealed class ServiceHandle : SafeHandle
{
    public ServiceHandle()
        : base(0, ownsHandle: true)
    {
    }

    public override bool IsInvalid => handle == 0;

    protected override bool ReleaseHandle() => ServiceControlNative.CloseServiceHandle(handle);
}
