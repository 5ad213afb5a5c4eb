using System.Runtime.Versioning;

namespace FwRedirect.Redirector.Diversion.Windows.Native;

/// <summary>WINDIVERT_FLAG_*, of which we use these.</summary>
[Flags]
[SupportedOSPlatform("windows")]
internal enum WinDivertOpenFlags : ulong
{
    None = 0,

    /// <summary>Copies instead of diverting. A SOCKET handle without it denies every call that its filter matches.</summary>
    Sniff = 0x01,

    /// <summary>Nothing will be sent; the SOCKET layer demands it.</summary>
    ReceiveOnly = 0x04,
}
