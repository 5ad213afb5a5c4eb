using System.Runtime.Versioning;
using FwRedirect.Redirector.Diversion.Windows;
using FwRedirect.Redirector.Diversion.Windows.Native;

namespace FwRedirect.Redirector.Checks.Windows;

/// <summary>Opens the driver with a filter that no packet matches, and closes it. What blocks it (signature, blocklist, another version) shows only here.</summary>
/// <param name="verify">Throws where the files are not the known ones: those are not loaded.</param>
/// <param name="load">Loads the driver's DLL.</param>
[SupportedOSPlatform("windows")]
internal sealed class DriverOpenCheck(bool privileged, Action verify, Func<IWinDivertDriver> load) : IMachineCheck
{
    private const string NoPacket = "false";

    public string Name => "driver";

    public CheckResult Look()
    {
        if (!privileged)
            return CheckResult.NotTried("only an administrator can open it");
        try
        {
            verify();
        }
        catch (IOException)
        {
            return CheckResult.NotTried("its files have to be right first");
        }

        using (load().Open(NoPacket, WinDivertLayer.Network, WinDivertPriorities.Network, WinDivertOpenFlags.None))
            return CheckResult.Good("it can be opened");
    }
}
