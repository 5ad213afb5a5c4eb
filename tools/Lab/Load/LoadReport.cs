using System.Text.Json;

namespace FwRedirect.Lab.Load;

/// <summary>What came of a load: every connection that was begun is in it.</summary>
/// <param name="Streams">Connections with bytes under way that stand, and whose bytes have all come back as they were.</param>
/// <param name="Idle">Connections without a byte that stand, and carried one at the end.</param>
/// <param name="LongestRoundTrip">Milliseconds that a stream has waited for its bytes, at most.</param>
/// <param name="Broken">Connections that stood once, and were lost.</param>
/// <param name="Attempts">Short connections.</param>
/// <param name="Datagrams">UDP sockets.</param>
internal sealed record LoadReport(
    int Streams, int Idle, double LongestRoundTrip, IReadOnlyList<LoadBreak> Broken, IReadOnlyList<LoadAttempt> Attempts, IReadOnlyList<LoadDatagrams> Datagrams)
{
    private const string Prefix = "report ";

    /// <summary>As the one line that the program prints at its end.</summary>
    public string ToLine() => Prefix + JsonSerializer.Serialize(this);

    /// <summary>The report among the lines that the program has printed.</summary>
    /// <exception cref="InvalidOperationException">There is none: the program did not come to its end.</exception>
    public static LoadReport Of(IEnumerable<string> lines) =>
        JsonSerializer.Deserialize<LoadReport>(lines.Single(line => line.StartsWith(Prefix, StringComparison.Ordinal))[Prefix.Length..])!;
}
