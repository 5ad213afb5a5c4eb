using FwRedirect.Redirector.Diversion;

namespace FwRedirect.Redirector.Engine;

/// <summary>One thing for the caller to do, in the order given.</summary>
internal readonly record struct EngineAction(EngineActionKind Kind, Flow? Flow, byte[]? Packet, DivertAddress Address)
{
    /// <summary>The UDP socket that ended.</summary>
    public DatagramAssociation? Association { get; private init; }

    public static EngineAction RequestConnect(Flow flow) => new(EngineActionKind.RequestConnect, flow, null, default);

    public static EngineAction SendPacket(byte[] packet, in DivertAddress address) => new(EngineActionKind.SendPacket, null, packet, address);

    public static EngineAction DropPacket(in DivertAddress address) => new(EngineActionKind.DropPacket, null, null, address);

    public static EngineAction OpenFlow(Flow flow) => new(EngineActionKind.OpenFlow, flow, null, default);

    public static EngineAction AssociationEnded(DatagramAssociation association) =>
        new(EngineActionKind.AssociationEnded, null, null, default) { Association = association };

    public static EngineAction FlowEnded(Flow flow) => new(EngineActionKind.FlowEnded, flow, null, default);
}
