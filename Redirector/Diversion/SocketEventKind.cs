namespace FwRedirect.Redirector.Diversion;

/// <summary>WinDivert's SOCKET layer events, by its names. Linux gives Connect, Listen and Close for TCP, Bind and Close for UDP, with no more than the port and without endpoints.</summary>
public enum SocketEventKind : byte
{
    Bind,
    Connect,
    Listen,
    Accept,
    Close,
}
