using System.ComponentModel;
using System.Runtime.InteropServices;
using System.Runtime.Versioning;

namespace FwRedirect.Redirector.Installation.Windows;

/// <summary>The service control manager's error codes as sentences that say what to do.</summary>
[SupportedOSPlatform("windows")]
internal static class ServiceControlErrors
{
    /// <summary>The last error of the calling thread.</summary>
    public static ServiceControlException Last(string what) => For(what, Marshal.GetLastPInvokeError());

    public static ServiceControlException For(string what, int code) => new($"{what}: {Text(code)}");

    public static string Text(int code) => code switch
    {
        ServiceControlNative.ErrorAccessDenied => "not allowed; use a prompt that was opened with \"Run as administrator\"",
        ServiceControlNative.ErrorFileNotFound => "the service's program is not where it was when it was installed; install it again from its new place",
        ServiceControlNative.ErrorServiceRequestTimeout => "the program did not answer in time, or ended at once; run \"fwredirect run\" by hand to see what it says",
        ServiceControlNative.ErrorServiceDisabled => "the service is disabled; install it again, or set its start type in services.msc",
        ServiceControlNative.ErrorServiceDependency => "a service that it needs did not start: the Base Filtering Engine (BFE)",
        ServiceControlNative.ErrorServiceMarkedForDelete => "an earlier uninstall is not over: close services.msc and whatever else looks at the service, then try again",
        _ => $"{new Win32Exception(code).Message} (error {code})",
    };

    /// <summary>How the last run ended, from SERVICE_STATUS; null where there was none.</summary>
    public static string? DescribeEnd(uint exitCode, uint serviceExitCode) => (int)exitCode switch
    {
        0 => LastEnd.Describe(0),
        ServiceControlNative.ErrorServiceSpecific => LastEnd.Describe((int)serviceExitCode),
        ServiceControlNative.ErrorServiceNeverStarted => null,
        ServiceControlNative.ErrorProcessAborted => "its process ended without having stopped in order (killed, or it failed)",
        var code => Text(code),
    };
}
