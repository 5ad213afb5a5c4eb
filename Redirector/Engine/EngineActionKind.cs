namespace FwRedirect.Redirector.Engine;

/// <summary>What the engine wants done; see <see cref="EngineAction"/> for which fields go with each.</summary>
internal enum EngineActionKind : byte
{
    /// <summary>Ask the firewall for <see cref="EngineAction.Flow"/>; the answer goes to Connected, Refused or PassUnchanged; for UDP, to those of DatagramFlows.</summary>
    RequestConnect,

    /// <summary>Send <see cref="EngineAction.Packet"/> with <see cref="EngineAction.Address"/>.</summary>
    SendPacket,

    /// <summary>Drop the held packet that <see cref="EngineAction.Address"/> names.</summary>
    DropPacket,

    /// <summary>Call <see cref="Flow.Open"/> on <see cref="EngineAction.Flow"/>: the packets before it have left.</summary>
    OpenFlow,

    /// <summary><see cref="EngineAction.Association"/> has ended, as its <see cref="DatagramAssociation.End"/> says, and with it all its flows, which are not told of one by one.</summary>
    AssociationEnded,

    /// <summary><see cref="EngineAction.Flow"/> has ended, as its <see cref="Flow.End"/> says; once for each flow.</summary>
    FlowEnded,
}
