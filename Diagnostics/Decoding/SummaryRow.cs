namespace FwRedirect.Diagnostics.Decoding;

/// <summary>
/// One line of a summary table. A port that a system assigned has a <c>*</c> behind it, <c>dynamic</c> stands for one that changes with every query, and <c>-</c> for none.
/// </summary>
/// <param name="Inside">The firewall's port towards the client; null in the Direct-connect table.</param>
/// <param name="Outside">The firewall's port towards the server; null in the Direct-connect table.</param>
internal sealed record SummaryRow(string Purpose, string Transport, string Client, string? Inside, string? Outside, string Server);
