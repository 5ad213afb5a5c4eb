namespace FwRedirect.Diagnostics.Rendering;

/// <summary>The last line of <c>--json</c>.</summary>
internal sealed record TraceSummary(TraceTables Tables);
