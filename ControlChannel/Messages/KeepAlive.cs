using FwRedirect.ControlChannel.Wire;

namespace FwRedirect.ControlChannel.Messages;

/// <summary>The client has been silent for the agreed time and is still there. No fields.</summary>
public sealed record KeepAlive : RwsMessage
{
    internal static readonly KeepAlive Instance = new();

    public override OpCode OpCode => OpCode.KeepAlive;

    public override string Describe() => $"RWS:Keep-alive from {Application}";

    internal override void WriteBody(RwsWriter writer)
    {
    }
}

/// <summary>So is the firewall. No fields.</summary>
public sealed record KeepAliveReply : RwsMessage
{
    internal static readonly KeepAliveReply Instance = new();

    public override OpCode OpCode => OpCode.KeepAliveReply;

    public override bool FromFirewall => true;

    public override string Describe() => $"RWS:Keep-alive reply to {Application}";

    internal override void WriteBody(RwsWriter writer)
    {
    }
}
