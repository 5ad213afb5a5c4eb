namespace FwRedirect.ControlChannel.Session;

/// <summary>Why a session ended.</summary>
public enum SessionEndKind
{
    /// <summary>This side closed it.</summary>
    ClosedHere,

    /// <summary>The peer closed the connection, or it broke.</summary>
    ConnectionLost,

    /// <summary>The firewall does not speak the client's dialect or version.</summary>
    NotCompatible,

    /// <summary>The logon was refused.</summary>
    LogonRefused,

    /// <summary>The peer sent what PROTOCOL.md does not allow.</summary>
    ProtocolViolation,

    /// <summary>The peer said that it ends the session.</summary>
    ClosedByPeer,

    /// <summary>The session was lost and could not be resumed.</summary>
    NotResumed,

    /// <summary>The peer was silent for too long.</summary>
    Silent,
}
