using System.Text.Json;
using FwRedirect.Diagnostics.Decoding;

namespace FwRedirect.Diagnostics.Rendering;

/// <summary>The trace for programs: one JSON object a line, the last one with the tables. README.md lists the names, which stay.</summary>
internal sealed class JsonTrace(TextWriter output) : ITraceWriter
{
    public void Write(DecodedLine line) => output.WriteLine(JsonSerializer.Serialize(new TracePacket
    {
        Number = line.Number,
        Time = line.Time.UtcDateTime,
        Source = line.Source,
        Destination = line.Destination,
        SourcePort = line.Ports?.Source.Port,
        DestinationPort = line.Ports?.Destination.Port,
        Protocol = line.Protocol,
        Description = line.Description,
        Retransmission = line.Retransmission ? true : null,
        Rws = line.Rws is null ? null : TraceRws.From(line.Rws),
    }, TraceJson.Default.TracePacket));

    public void Write(SummaryTables tables) => output.WriteLine(JsonSerializer.Serialize(
        new TraceSummary(new TraceTables(tables.Direct, tables.Firewall)), TraceJson.Default.TraceSummary));
}
