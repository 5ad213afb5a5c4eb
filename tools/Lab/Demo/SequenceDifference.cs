namespace FwRedirect.Lab.Demo;

/// <summary>Where a trace leaves the sequence: what was expected next, the last line that fitted, and what came after it instead.</summary>
internal sealed record SequenceDifference(IReadOnlyList<string> Expected, string? LastMatch, IReadOnlyList<string> Instead)
{
    public override string ToString() =>
        $"""
        expected  {string.Join("\n      or  ", Expected)}
        after     {LastMatch ?? "(the beginning)"}
        but found {(Instead.Count == 0 ? "(the end)" : string.Join("\n          ", Instead))}
        """;
}
