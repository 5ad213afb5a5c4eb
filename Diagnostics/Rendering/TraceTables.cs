using FwRedirect.Diagnostics.Decoding;

namespace FwRedirect.Diagnostics.Rendering;

/// <summary>Both tables of the last line of <c>--json</c>.</summary>
internal sealed record TraceTables(IReadOnlyList<SummaryRow> DirectConnect, IReadOnlyList<SummaryRow> FwcConnect);
