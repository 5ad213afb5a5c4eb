using System.Reflection;
using FwRedirect.ControlChannel.Status;
using FwRedirect.Redirector.Engine;
using FwRedirect.Redirector.Firewall;
using FwRedirect.Redirector.Journeys;
using FwRedirect.Redirector.Packets;

namespace FwRedirect.Redirector.Status;

/// <summary>How fwredirect is: what its parts count, and every flow with the program behind it.</summary>
internal sealed class RedirectorStatus(
    GuardedEngine engine, FirewallChannels channels, FirewallList firewalls, ListenJourney listens, IReadOnlyList<ICounted> parts, IReadOnlyDictionary<string, string> facts, TimeProvider time)
    : IStatusSource
{
    private readonly DateTimeOffset _started = time.GetUtcNow();

    public ServiceStatus Status()
    {
        var counters = new StatusCounters();
        foreach (var part in parts)
            part.Count(counters);
        return new ServiceStatus
        {
            Service = "fwredirect",
            Version = Assembly.GetExecutingAssembly().GetName().Version?.ToString(3) ?? "",
            ProcessId = Environment.ProcessId,
            Started = _started,
            Problems = channels.Problem is { } problem ? [problem] : [],
            Facts = facts,
            Counters = counters.Groups,
            Firewalls = [.. firewalls.Reaches],
            Bindings = [.. listens.Statuses()],
        };
    }

    public IEnumerable<FlowStatus> Flows()
    {
        var now = engine.Now;
        return engine.Flows().Select(flow => Of(flow, now));
    }

    private static FlowStatus Of(Flow flow, long now)
    {
        var process = flow.Owner switch
        {
            FlowOwner owner => owner.Process,
            PeerOwner peer => peer.Socket.Process,
            _ => null,
        };
        return new FlowStatus
        {
            Protocol = flow.Protocol == IpProtocol.Udp ? "UDP" : "TCP",
            Inbound = flow.IsMapping,
            Program = process?.Name,
            ProcessId = process?.Id,
            User = process?.User,
            Client = flow.Client.ToString(),
            Inside = flow.Inside == default ? null : flow.Inside.ToString(),
            Peer = flow.Peer.ToString(),
            State = flow.End == FlowEnd.None ? flow.State.ToString() : $"{flow.State}: {flow.End}",
            BytesOut = flow.Outbound.Bytes,
            BytesIn = flow.Inbound.Bytes,
            AgeSeconds = (now - flow.FirstSeen) / 1000,
            IdleSeconds = (now - flow.LastActive) / 1000,
            Why = flow.Why.Length == 0 ? null : flow.Why,
        };
    }
}
