namespace FwRedirect.Redirector.Diversion;

/// <summary>Takes a socket event, in the order in which they happened.</summary>
internal delegate void SocketEventHandler(in SocketEvent happened);
