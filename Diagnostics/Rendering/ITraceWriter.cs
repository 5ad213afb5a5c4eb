using FwRedirect.Diagnostics.Decoding;

namespace FwRedirect.Diagnostics.Rendering;

/// <summary>Where a trace goes: line by line, and the tables at the end.</summary>
internal interface ITraceWriter
{
    void Write(DecodedLine line);

    void Write(SummaryTables tables);
}
