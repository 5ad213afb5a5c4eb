namespace FwRedirect.Diagnostics.Capture;

/// <summary>What to capture, where to, and when to stop of itself.</summary>
/// <param name="Interfaces">At least one; <c>any</c> is libpcap's name for all.</param>
/// <param name="Output">The file to write; an existing one is replaced.</param>
/// <param name="Filter">An expression in the language of pcap-filter(7), or null.</param>
/// <param name="Duration">Stop after this long; null: at the signal.</param>
/// <param name="Count">Stop after so many packets; null: at the signal.</param>
internal sealed record CaptureOptions(IReadOnlyList<string> Interfaces, string Output, string? Filter, TimeSpan? Duration, long? Count);
