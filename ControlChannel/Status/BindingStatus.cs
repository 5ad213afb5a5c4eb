namespace FwRedirect.ControlChannel.Status;

/// <summary>A program's socket that the firewall listens for, or should.</summary>
internal sealed record BindingStatus
{
    public required string Program { get; init; }

    public int? ProcessId { get; init; }

    public string User { get; init; } = "";

    public string Protocol { get; init; } = "TCP";

    /// <summary>Where the program listens.</summary>
    public required string Client { get; init; }

    /// <summary>Where the firewall listens for it; absent while it does not.</summary>
    public string? Outside { get; init; }

    public required string State { get; init; }

    /// <summary>Why it is not listened for.</summary>
    public string? Reason { get; init; }

    /// <summary>Connections that came by it so far.</summary>
    public long Accepted { get; init; }
}
