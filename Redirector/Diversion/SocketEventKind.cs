namespace FwRedirect.Redirector.Diversion;

/// <summary>WinDivert's SOCKET layer events, by its names. Linux gives Connect, Listen and Close for TCP, Bind and Close for UDP, the latter with its own endpoint where that could be read.</summary>
public enum SocketEventKind : byte
{
    Bind,
    Connect,
    Listen,
    Accept,
    Close,
}
