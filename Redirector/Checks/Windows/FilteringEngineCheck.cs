using System.Runtime.Versioning;
using FwRedirect.Redirector.Installation;

namespace FwRedirect.Redirector.Checks.Windows;

/// <summary>The Base Filtering Engine, on which the driver sits.</summary>
/// <param name="state">Reads the state of its service.</param>
[SupportedOSPlatform("windows")]
internal sealed class FilteringEngineCheck(Func<ServiceState> state) : IMachineCheck
{
    public string Name => "Base Filtering Engine";

    public CheckResult Look() => state() switch
    {
        ServiceState.Running => CheckResult.Good("it runs"),
        ServiceState.NotInstalled => CheckResult.NotTried("this system has no service BFE"),
        _ => CheckResult.Wrong("it does not run: sc config BFE start= auto, then net start BFE"),
    };
}
