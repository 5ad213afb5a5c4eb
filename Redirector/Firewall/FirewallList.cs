using System.Net;
using FwRedirect.ControlChannel.Status;
using FwRedirect.Redirector.Configuration;
using Microsoft.Extensions.Logging;

namespace FwRedirect.Redirector.Firewall;

/// <summary>The firewalls of the configuration, the preferred first. New flows go to the first that is not known to be away; flows that stand stay where they are.</summary>
internal sealed class FirewallList : ICounted
{
    private readonly KnownFirewall[] _firewalls;

    /// <param name="names">In order of preference; one at least.</param>
    public FirewallList(IEnumerable<FirewallName> names, TimeProvider time, ILogger logger) =>
        _firewalls = [.. names.Select(name => new KnownFirewall(name, time, logger) { Resolved = () => Moved?.Invoke() })];

    public IReadOnlyList<KnownFirewall> All => _firewalls;

    /// <summary>Every address that the control channel may go to.</summary>
    public IReadOnlyList<IPEndPoint> Endpoints => [.. _firewalls.SelectMany(f => f.Endpoints).Distinct()];

    /// <summary><see cref="Endpoints"/> have become others, and will be dialled.</summary>
    public Action? Moved { get; set; }

    /// <summary>Those to try now, in order; none where all are known to be away, which is decided at once.</summary>
    public IEnumerable<KnownFirewall> Candidates => _firewalls.Where(f => f.State != ReachState.Unreachable);

    /// <summary>Why none can be reached; null where one can, or where that is not known.</summary>
    public string? Complaint => Candidates.Any() ? null : string.Join("; ", _firewalls.Select(f => f.Complaint));

    public void Count(StatusCounters counters)
    {
        counters.Add("firewalls", "listed", _firewalls.Length);
        counters.Add("firewalls", "unreachable", _firewalls.Count(f => f.State == ReachState.Unreachable));
    }

    /// <summary>Until one of them is not known to be away.</summary>
    public async Task WhenReachableAsync(CancellationToken stop) => await await Task.WhenAny(_firewalls.Select(f => f.WhenReachableAsync(stop)));

    /// <summary>Now and then: who is away is looked for, with growing pauses.</summary>
    public void Tick()
    {
        foreach (var firewall in _firewalls)
            firewall.ProbeIfDue();
    }

    /// <summary>A flow wants one that is away: nobody waits, but the next flow may find it.</summary>
    public void Wanted()
    {
        foreach (var firewall in _firewalls)
            firewall.ProbeIfWorthIt();
    }

    /// <summary>One of them is dialled: the others are looked at, so that a fail-over need not wait a second time.</summary>
    public void Refresh(KnownFirewall dialled)
    {
        foreach (var firewall in _firewalls.Where(f => f != dialled))
            firewall.Refresh();
    }

    /// <summary>One of them leaves a request unanswered: it is looked at now, and the others too, since they may be needed.</summary>
    public void Suspect(KnownFirewall suspect)
    {
        suspect.Suspect();
        Refresh(suspect);
    }

    /// <summary>Looks for all of them at once.</summary>
    public void Probe(bool networkChanged)
    {
        foreach (var firewall in _firewalls)
            firewall.Probe(networkChanged);
    }

    public override string ToString() => string.Join(", ", _firewalls.Select(f => f.State == ReachState.Unreachable ? $"{f.Name} (unreachable)" : $"{f.Name}"));
}
