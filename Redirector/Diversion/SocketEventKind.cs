namespace FwRedirect.Redirector.Diversion;

/// <summary>WinDivert's SOCKET layer events, by its names. Linux sock_ops gives Connect, Listen and Close.</summary>
public enum SocketEventKind : byte
{
    Bind,
    Connect,
    Listen,
    Accept,
    Close,
}
