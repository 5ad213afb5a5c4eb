using System.Net;
using System.Net.Sockets;
using FwRedirect.ControlChannel.Messages;
using FwRedirect.ControlChannel.Status;
using FwRedirect.Redirector.Configuration;
using Microsoft.Extensions.Logging;

namespace FwRedirect.Redirector.Firewall;

/// <summary>
/// The firewalls of the configuration, the preferred first, each by both IP versions. New flows go to the first that is not known to be away; flows that stand stay where they are.
/// </summary>
internal sealed class FirewallList : ICounted
{
    private readonly FirewallAddresses[] _listed;

    /// <summary>Two of each: the version that it is listed by, then the other.</summary>
    private readonly KnownFirewall[] _firewalls;

    /// <param name="names">In order of preference; one at least.</param>
    public FirewallList(IEnumerable<FirewallName> names, TimeProvider time, ILogger logger)
    {
        _listed = [.. names.Select(name => new FirewallAddresses(name, time, logger) { Changed = () => Moved?.Invoke() })];
        _firewalls = [.. _listed.SelectMany(at => new[] { at.Preferred, OtherThan(at.Preferred) }.Select(family => new KnownFirewall(at, family, time, logger)))];
    }

    /// <summary>By the version that each is listed by.</summary>
    public IReadOnlyList<KnownFirewall> All => [.. _firewalls.Where(f => f.Family == f.Addresses.Preferred)];

    /// <summary>Every address that the control channel may go to.</summary>
    public IReadOnlyList<IPEndPoint> Endpoints => [.. _firewalls.SelectMany(f => f.Endpoints).Distinct()];

    /// <summary><see cref="Endpoints"/> have become others, and will be dialled.</summary>
    public Action? Moved { get; set; }

    /// <summary>Those to try now, in order, by whichever IP version; none where all are known to be away, which is decided at once.</summary>
    public IEnumerable<KnownFirewall> Candidates => _firewalls.Where(f => f.Exists && f.State != ReachState.Unreachable);

    /// <summary>Why none can be reached; null where one can, or where that is not known.</summary>
    public string? Complaint => Candidates.Any() ? null : ComplaintOf(_firewalls);

    /// <summary>Flows of IPv6 can be redirected, as far as is known.</summary>
    public bool HasIPv6 => By(AddressFamily.InterNetworkV6).Any(f => f is { CarriesFlows: true, Endpoints.Count: > 0 } && f.State != ReachState.Unreachable);

    /// <summary>All of them by one IP version, also those that do not have it.</summary>
    public IEnumerable<KnownFirewall> By(AddressFamily family) => _firewalls.Where(f => f.Family == family);

    /// <summary>The same firewall by the other version.</summary>
    public KnownFirewall Other(KnownFirewall firewall) => _firewalls.Single(f => f.Addresses == firewall.Addresses && f != firewall);

    /// <summary>Why there is none by this version that can be reached; null where none has it.</summary>
    public string? ComplaintBy(AddressFamily family) => By(family).Any(f => f is { Exists: true, CarriesFlows: true }) ? ComplaintOf(By(family)) : null;

    /// <summary>For who asks how the service is: each by each version.</summary>
    public IEnumerable<FirewallReach> Reaches => _firewalls.Select(firewall => firewall.Reach);

    public void Count(StatusCounters counters)
    {
        counters.Add("firewalls", "listed", _listed.Length);
        counters.Add("firewalls", "unreachable", All.Count(f => f.State == ReachState.Unreachable));
        counters.Add("firewalls", "withIPv6", By(AddressFamily.InterNetworkV6).Count(f => f.Endpoints.Count > 0));
        counters.Add("firewalls", "unreachableByIPv6", By(AddressFamily.InterNetworkV6).Count(f => f.Exists && f.State == ReachState.Unreachable));
    }

    /// <summary>What a firewall says of its IP versions, on a channel of one of them.</summary>
    public void Tell(KnownFirewall firewall, ChannelSetupResponse setup)
    {
        firewall.CarriesFlows = setup.ExternalAddress.AddressFamily == firewall.Family;
        // Known to work, or not to, before the first flow asks.
        if (firewall.Addresses.Tell(OtherThan(firewall.Family), setup.OtherInsideAddress))
            Other(firewall).Probe(networkChanged: true);
    }

    /// <summary>Looks up all names.</summary>
    public async Task ResolveAsync(CancellationToken stop) => await Task.WhenAll(_listed.Select(at => at.ResolveAsync(stop)));

    /// <summary>Until one of them is not known to be away.</summary>
    public async Task WhenReachableAsync(CancellationToken stop)
    {
        await await Task.WhenAny(_firewalls.Where(f => f.Exists).Select(f => f.WhenReachableAsync(stop)));
    }

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

    public override string ToString() => string.Join(", ", All.Select(f => f.State == ReachState.Unreachable ? $"{f.Name} (unreachable)" : $"{f.Name}"));

    private static string ComplaintOf(IEnumerable<KnownFirewall> firewalls) => string.Join("; ", firewalls.Where(f => f.Exists && f.Complaint.Length > 0).Select(f => f.Complaint).Distinct());

    private static AddressFamily OtherThan(AddressFamily family) =>
        family == AddressFamily.InterNetwork ? AddressFamily.InterNetworkV6 : AddressFamily.InterNetwork;
}
