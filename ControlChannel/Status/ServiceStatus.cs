namespace FwRedirect.ControlChannel.Status;

/// <summary>How a service is: what <c>GET /status</c> answers.</summary>
internal sealed record ServiceStatus
{
    /// <summary>fwredirect or fwhost.</summary>
    public required string Service { get; init; }

    public required string Version { get; init; }

    public required int ProcessId { get; init; }

    public required DateTimeOffset Started { get; init; }

    public bool IsHealthy => Problems.Count == 0;

    /// <summary>What does not work now, a sentence each.</summary>
    public IReadOnlyList<string> Problems { get; init; } = [];

    /// <summary>Whom it works with, and the like: what a number can not say.</summary>
    public IReadOnlyDictionary<string, string> Facts { get; init; } = new Dictionary<string, string>();

    public required IReadOnlyDictionary<string, Dictionary<string, long>> Counters { get; init; }

    /// <summary>The firewalls that a client service knows; none at a firewall.</summary>
    public IReadOnlyList<FirewallReach> Firewalls { get; init; } = [];

    public IReadOnlyList<BindingStatus> Bindings { get; init; } = [];
}
