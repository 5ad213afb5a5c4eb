using System.Runtime.Versioning;

namespace FwRedirect.Redirector.Diversion.Windows.Native;

/// <summary>WINDIVERT_LAYER: where in the system a handle looks. The other layers (forwarding, flows, reflection) are not used.</summary>
[SupportedOSPlatform("windows")]
internal enum WinDivertLayer
{
    /// <summary>Packets to and from this machine.</summary>
    Network = 0,

    /// <summary>Binds, connects, listens, accepts and closes of sockets.</summary>
    Socket = 3,
}
