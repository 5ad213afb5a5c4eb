using FwRedirect.Diagnostics.Decoding;

namespace FwRedirect.Diagnostics.Rendering;

/// <summary>
/// The trace for people: source, destination and description with tabs between, which scripts can split and which line up for IPv4 addresses; then the tables.
/// </summary>
internal sealed class TextTrace(TextWriter output) : ITraceWriter
{
    /// <summary>Rows of a table that are printed; the JSON form has them all.</summary>
    private const int MostRows = 60;

    public void Write(DecodedLine line) => output.WriteLine($"{line.Source}\t{line.Destination}\t{line.Description}");

    public void Write(SummaryTables tables)
    {
        if (tables.Direct.Count > 0)
        {
            Table("Direct-connect", ["Purpose", "Transport", "Client Port", "Server Port"], tables.Direct,
                r => [r.Purpose, r.Transport, r.Client, r.Server]);
        }
        if (tables.Firewall.Count > 0)
        {
            Table("FWC-connect", ["Purpose", "Transport", "Client Port", "Int FW Port", "Ext FW Port", "Server Port"], tables.Firewall,
                r => [r.Purpose, r.Transport, r.Client, r.Inside ?? "-", r.Outside ?? "-", r.Server]);
        }
    }

    private void Table(string title, string[] heads, IReadOnlyList<SummaryRow> rows, Func<SummaryRow, string[]> cells)
    {
        string[][] lines = [heads, .. rows.Take(MostRows).Select(cells)];
        var widths = Enumerable.Range(0, heads.Length).Select(column => lines.Max(l => l[column].Length)).ToArray();
        output.WriteLine();
        output.WriteLine(title);
        foreach (var line in lines)
            output.WriteLine(string.Join("  ", line.Select((cell, column) => cell.PadRight(widths[column]))).TrimEnd());
        if (rows.Count > MostRows)
            output.WriteLine($"and {rows.Count - MostRows} more");
    }
}
