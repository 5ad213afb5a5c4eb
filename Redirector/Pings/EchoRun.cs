using FwRedirect.ControlChannel.Messages;
using FwRedirect.Redirector.Firewall;

namespace FwRedirect.Redirector.Pings;

/// <summary>The echo requests of one program's identifier, under one id of its channel.</summary>
internal sealed class EchoRun(FirewallChannel channel)
{
    public FirewallChannel Channel => channel;

    public ObjectId Id { get; } = channel.Rws.Ids.Next();

    public long UsedAt { get; set; }

    /// <summary>The id is free again; the firewall holds nothing under it.</summary>
    public void Release() => channel.Rws.Ids.Release(Id);
}
