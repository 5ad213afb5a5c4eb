using FwRedirect.ControlChannel.Messages;
using FwRedirect.Redirector.Engine;
using Microsoft.Extensions.Logging;

namespace FwRedirect.Redirector.Journeys;

/// <summary>Peers and sockets of UDP that are over: the firewall is told, and their numbers are free again.</summary>
internal sealed class DatagramEnds(DatagramObjects objects, SocketWatch sockets, ILogger logger)
{
    /// <summary>A peer is over, and its socket is not.</summary>
    public void Finish(Flow flow)
    {
        if (flow.Owner is not PeerOwner peer || flow.Association!.End != FlowEnd.None)
            return;
        if (flow.End != FlowEnd.ByFirewall)
        {
            var close = new Close("", IsFromFirewall: false);
            peer.Socket.Channel.Rws.Notify(
                peer.Connect is { } id ? close with { Id = id } : close with { Id = peer.Socket.Id, FirewallMapping = peer.FirewallMapping });
        }

        Release(flow, peer);
    }

    /// <summary>A socket is over, and all its peers with it: one Close for all, and only then are their numbers free.</summary>
    public void Finish(DatagramAssociation association)
    {
        sockets.Remove(association);
        if (objects.Remove(association) is not { } socket)
            return;
        var rws = socket.Channel.Rws;
        if (association.End != FlowEnd.ByFirewall)
            rws.Notify(new Close("", IsFromFirewall: false) { Id = socket.Id });
        foreach (var flow in association.Peers)
        {
            if (flow.Owner is PeerOwner peer)
                Release(flow, peer);
        }

        rws.Ids.Release(socket.Id);
    }

    private void Release(Flow flow, PeerOwner peer)
    {
        var rws = peer.Socket.Channel.Rws;
        JourneyLog.PeerEnded(logger, peer.Socket.Application, flow.Client, flow.Peer, flow.End, flow.Outbound.Bytes, flow.Inbound.Bytes);
        if (peer.FirewallMapping != 0)
            objects.Remove(rws, peer.Socket.Id, peer.FirewallMapping);
        if (peer.Connect is { } id)
        {
            objects.Remove(rws, id, 0);
            rws.Ids.Release(id);
        }
    }
}
