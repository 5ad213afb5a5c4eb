using System.Runtime.Versioning;

namespace FwRedirect.Redirector.Diversion.Windows;

/// <summary>
/// Which of several handles on this machine, ours and others', sees a packet first: the higher one. All of ours are here. A handle never sees what itself or a lower one
/// injects, so that nothing of ours comes back to us. The middle of the range leaves room above and below for other products.
/// </summary>
[SupportedOSPlatform("windows")]
internal static class WinDivertPriorities
{
    public const short Socket = 1745;

    public const short Network = Socket - 1;
}
