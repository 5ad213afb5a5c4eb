using System.Runtime.Versioning;

namespace FwRedirect.Redirector.Diversion.Windows.Native;

/// <summary>WINDIVERT_EVENT, of the layers that we use.</summary>
[SupportedOSPlatform("windows")]
internal enum WinDivertEvent : byte
{
    NetworkPacket = 0,
    SocketBind = 3,
    SocketConnect = 4,
    SocketListen = 5,
    SocketAccept = 6,
    SocketClose = 7,
}
