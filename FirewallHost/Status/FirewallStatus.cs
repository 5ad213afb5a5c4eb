using System.Reflection;
using FwRedirect.ControlChannel.Status;

namespace FwRedirect.FirewallHost.Status;

/// <summary>How fwhost is: what its parts count, every connection and UDP peer, every bound socket.</summary>
internal sealed class FirewallStatus(
    LiveConnections connections, IHeldObjects held, IReadOnlyList<ICounted> parts, IReadOnlyDictionary<string, string> facts, TimeProvider time) : IStatusSource
{
    private readonly DateTimeOffset _started = time.GetUtcNow();

    public ServiceStatus Status()
    {
        var counters = new StatusCounters();
        held.Count(counters);
        connections.Count(counters);
        foreach (var part in parts)
            part.Count(counters);
        return new ServiceStatus
        {
            Service = "fwhost",
            Version = Assembly.GetExecutingAssembly().GetName().Version?.ToString(3) ?? "",
            ProcessId = Environment.ProcessId,
            Started = _started,
            Facts = facts,
            Counters = counters.Groups,
            Bindings = [.. held.Bindings()],
        };
    }

    public IEnumerable<FlowStatus> Flows() => connections.Flows().Concat(held.Peers());
}
