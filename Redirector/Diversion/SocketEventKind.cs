namespace FwRedirect.Redirector.Diversion;

/// <summary>WinDivert's SOCKET layer events, by its names. Linux gives Connect, Listen and Close for TCP, Bind and, without endpoints, Close for UDP.</summary>
public enum SocketEventKind : byte
{
    Bind,
    Connect,
    Listen,
    Accept,
    Close,
}
