using FwRedirect.ControlChannel.Messages;

namespace FwRedirect.ControlChannel.Session;

/// <summary>What a session core asks of the shell around it, in order.</summary>
public abstract record SessionAction
{
    private SessionAction()
    {
    }

    /// <summary>Put this message on the wire.</summary>
    public sealed record Transmit(RwsMessage Message) : SessionAction;

    /// <summary>Give this token (empty at the client's start) to the authentication package, and its answer back to the session.</summary>
    public sealed record ProcessToken(string Package, ReadOnlyMemory<byte> Token) : SessionAction;

    /// <summary>The session is open; <paramref name="User"/> is the account that the firewall established, empty where none was asked for.</summary>
    public sealed record Opened(string User) : SessionAction;

    /// <summary>A message for the owner: a request on the firewall's side, a New mapping, Mapping error, Echo reply, Echo error or Close on the client's.</summary>
    public sealed record Deliver(RwsMessage Message) : SessionAction;

    /// <summary>The reply to a request that this side made; an <see cref="ErrorReply"/> where it failed or was not answered in time.</summary>
    public sealed record Answer(RwsMessage Request, RwsMessage Reply) : SessionAction;

    /// <summary>A client asks for a session that is not this one: the owner of all sessions says whether it gets it.</summary>
    public sealed record FindSession(Resume Request) : SessionAction;

    /// <summary>The connection is of no more use: close it. The session waits for another one.</summary>
    public sealed record Disconnect(SessionEnd End) : SessionAction;

    /// <summary>The session is open again, on a new connection.</summary>
    public sealed record Reopened : SessionAction;

    /// <summary>A request has had no word from the firewall for a moment.</summary>
    public sealed record Suspect : SessionAction;

    /// <summary>Close the connection behind what was transmitted; comes once, last.</summary>
    public sealed record Finish(SessionEnd End) : SessionAction;
}
