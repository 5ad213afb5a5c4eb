namespace FwRedirect.Redirector.Engine;

/// <summary>What the engine wants done; see <see cref="EngineAction"/> for which fields go with each.</summary>
internal enum EngineActionKind : byte
{
    /// <summary>Ask the firewall for <see cref="EngineAction.Flow"/>; the answer goes to Connected, Refused or PassUnchanged.</summary>
    RequestConnect,

    /// <summary>Send <see cref="EngineAction.Packet"/> with <see cref="EngineAction.Address"/>.</summary>
    SendPacket,

    /// <summary>Drop the held packet that <see cref="EngineAction.Address"/> names.</summary>
    DropPacket,

    /// <summary><see cref="EngineAction.Flow"/> has ended, as its <see cref="Flow.End"/> says; once for each flow.</summary>
    FlowEnded,
}
