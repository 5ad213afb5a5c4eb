namespace FwRedirect.ControlChannel.Configuration;

/// <summary>What somebody who wrote a wrong word may have meant.</summary>
internal static class Spelling
{
    /// <summary>The word that is nearest to <paramref name="written"/>; null where none is near.</summary>
    public static string? Suggest(string written, IEnumerable<string> words)
    {
        var nearest = words.MinBy(word => Distance(written, word));
        // A third of the letters wrong is no slip any more.
        return nearest is not null && Distance(written, nearest) <= Math.Max(2, written.Length / 3) ? nearest : null;
    }

    /// <summary>Letters to insert, take away or change (Levenshtein), without regard to case.</summary>
    private static int Distance(string one, string other)
    {
        var row = Enumerable.Range(0, other.Length + 1).ToArray();
        for (var i = 0; i < one.Length; i++)
        {
            var diagonal = row[0];
            row[0] = i + 1;
            for (var j = 0; j < other.Length; j++)
            {
                var change = char.ToUpperInvariant(one[i]) == char.ToUpperInvariant(other[j]) ? diagonal : diagonal + 1;
                diagonal = row[j + 1];
                row[j + 1] = Math.Min(change, Math.Min(row[j], row[j + 1]) + 1);
            }
        }

        return row[^1];
    }
}
