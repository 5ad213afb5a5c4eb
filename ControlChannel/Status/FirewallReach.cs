namespace FwRedirect.ControlChannel.Status;

/// <summary>A firewall of the configuration by one IP version, as far as the client service knows.</summary>
internal sealed record FirewallReach
{
    /// <summary>As it is written in the configuration.</summary>
    public required string Name { get; init; }

    /// <summary>IPv4 or IPv6.</summary>
    public required string Version { get; init; }

    /// <summary>Where its control port is; none while that is not known, or where it takes no channels of this version.</summary>
    public IReadOnlyList<string> Addresses { get; init; } = [];

    /// <summary>Unknown, Reachable or Unreachable; None where it has nothing of this version.</summary>
    public required string State { get; init; }

    /// <summary>How long the state is this one.</summary>
    public long SinceSeconds { get; init; }

    /// <summary>False: look-ups and settings alone, since it can not connect outside by this version.</summary>
    public bool CarriesFlows { get; init; } = true;

    /// <summary>Why it is unreachable.</summary>
    public string? Reason { get; init; }
}
