using System.Runtime.Versioning;
using FwRedirect.Redirector.Diversion.Windows.Native;

namespace FwRedirect.Redirector.Diversion.Windows;

/// <summary>The WinDivert driver, as far as we use it; a seam, so that all above it runs in tests without the driver and on any system.</summary>
[SupportedOSPlatform("windows")]
internal interface IWinDivertDriver
{
    /// <summary>From here on what the filter matches waits for the handle's reader.</summary>
    /// <exception cref="WinDivertException">With the system's error code and what an operator does about it.</exception>
    IWinDivertHandle Open(string filter, WinDivertLayer layer, short priority, WinDivertOpenFlags flags);
}
