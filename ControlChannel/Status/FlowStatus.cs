namespace FwRedirect.ControlChannel.Status;

/// <summary>One flow of a client, as the service sees it that is asked.</summary>
internal sealed record FlowStatus
{
    public string Protocol { get; init; } = "TCP";

    /// <summary>True where the peer began it.</summary>
    public bool Inbound { get; init; }

    /// <summary>Absent while it is not known.</summary>
    public string? Program { get; init; }

    public int? ProcessId { get; init; }

    public string? User { get; init; }

    /// <summary>The session at the firewall.</summary>
    public string? Session { get; init; }

    public required string Client { get; init; }

    public string? Inside { get; init; }

    public string? Outside { get; init; }

    public required string Peer { get; init; }

    /// <summary>The name by which the program knows the peer.</summary>
    public string? PeerName { get; init; }

    public required string State { get; init; }

    public long BytesOut { get; init; }

    public long BytesIn { get; init; }

    public long AgeSeconds { get; init; }

    /// <summary>Since the last packet, where that is seen.</summary>
    public long? IdleSeconds { get; init; }

    /// <summary>The rule that decided.</summary>
    public string? Why { get; init; }
}
