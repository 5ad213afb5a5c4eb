using System.Runtime.Versioning;

namespace FwRedirect.Redirector.Checks.Windows;

/// <summary>WinDivert's two files: there, and the ones that we know.</summary>
/// <param name="verify">Throws an IOException that says what is wrong with them.</param>
[SupportedOSPlatform("windows")]
internal sealed class DriverFilesCheck(Action verify) : IMachineCheck
{
    public string Name => "driver files";

    public CheckResult Look()
    {
        verify();
        return CheckResult.Good("WinDivert.dll and WinDivert64.sys are the known ones");
    }
}
