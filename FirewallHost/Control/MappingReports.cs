using System.Net.Sockets;
using FwRedirect.ControlChannel.Messages;
using FwRedirect.ControlChannel.Session;
using FwRedirect.ControlChannel.Wire;
using FwRedirect.FirewallHost.Configuration;
using FwRedirect.FirewallHost.Sockets;
using FwRedirect.FirewallHost.Sockets.Udp;

namespace FwRedirect.FirewallHost.Control;

/// <summary>What the client and the access log hear of a session's UDP mappings. Called after their removal, outside the table's lock.</summary>
internal sealed class MappingReports(SessionContext session)
{
    private readonly Firewall _firewall = session.Firewall;

    /// <param name="tellClient">False where the client said so itself, or is gone.</param>
    public void Report(PeerMapping mapping, MappingEnd end, bool tellClient)
    {
        Log(mapping, end);
        if (!tellClient)
            return;
        // By each of its names, so that the client frees them all.
        foreach (var close in Named(new Close(Reason(end), IsFromFirewall: true), mapping))
            session.Send(close);
    }

    public void ReportEvicted(IEnumerable<PeerMapping> mappings)
    {
        foreach (var mapping in mappings)
            Report(mapping, MappingEnd.Evicted, tellClient: true);
    }

    public void Report(UdpAssociation association, IEnumerable<PeerMapping> mappings, MappingEnd end, bool tellClient)
    {
        foreach (var mapping in mappings)
            Log(mapping, end);
        // One Close for the socket: its mappings end with it.
        if (tellClient)
            session.Send(new Close(Reason(end), IsFromFirewall: true) { Id = association.Id });
    }

    public void TellError(PeerMapping mapping, SocketError error)
    {
        var sentence = error == SocketError.ConnectionRefused ? $"nobody listens on {mapping.Peer.Slash()}" : $"{mapping.Peer.Address} can not be reached";
        session.Send(Named(new MappingError(SocketFailure.Translate(error), mapping.Peer, sentence), mapping).First());
    }

    public void TellTooLarge(PeerMapping mapping, int mtu) => session.Send(Named(
        new MappingError(WinsockError.WSAEMSGSIZE, mapping.Peer, $"packets of more than {mtu} bytes do not reach {mapping.Peer.Address} in one piece") { PathMtu = (uint)mtu }, mapping).First());

    private static IEnumerable<RwsMessage> Named(RwsMessage message, PeerMapping mapping)
    {
        if (mapping.Connect is { } id)
            yield return message with { Id = id, FirewallHandle = mapping.Number };
        if (mapping.IsInbound)
            yield return message with { Id = mapping.Association.Id, FirewallMapping = mapping.Number };
    }

    private static string Reason(MappingEnd end) => end switch
    {
        MappingEnd.Idle => "no datagram came for too long",
        MappingEnd.Evicted => "its place was needed, and it had not been used for longest",
        MappingEnd.NotAcknowledged => $"the client did not acknowledge the mapping within {Limits.MappingDeadline.TotalSeconds} s",
        _ => "",
    };

    private void Log(PeerMapping mapping, MappingEnd end)
    {
        var entry = session.NewEntry(mapping.Number, mapping.IsInbound, mapping.Association.Client);
        _firewall.AccessLog.Write(entry with
        {
            Started = entry.Started.AddMilliseconds(mapping.Started - _firewall.Time.Milliseconds()),
            Protocol = "UDP",
            Remote = mapping.Peer,
            RemoteName = mapping.PeerName,
            Inside = mapping.Port.Endpoint,
            Outside = mapping.Association.Outside,
            Rule = mapping.Rule,
            Action = mapping.IsOpen ? "Closed" : "Failed",
            Result = $"{end}/{(end == MappingEnd.Closed ? "Inside" : "Firewall")}",
            BytesOut = mapping.BytesOut,
            BytesIn = mapping.BytesIn,
        });
    }
}
