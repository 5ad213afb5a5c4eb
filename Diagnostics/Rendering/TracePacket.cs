namespace FwRedirect.Diagnostics.Rendering;

/// <summary>A line of <c>--json</c>; absent values are left out.</summary>
internal sealed record TracePacket
{
    public required long Number { get; init; }

    public required DateTime Time { get; init; }

    public required string Source { get; init; }

    public int? SourcePort { get; init; }

    public required string Destination { get; init; }

    public int? DestinationPort { get; init; }

    public required string Protocol { get; init; }

    public required string Description { get; init; }

    public bool? Retransmission { get; init; }

    public TraceRws? Rws { get; init; }
}
