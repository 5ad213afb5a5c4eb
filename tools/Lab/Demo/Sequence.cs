namespace FwRedirect.Lab.Demo;

/// <summary>
/// Steps that a trace must show in this order; other lines may stand between them. A stage is a set of strands: each strand is ordered in itself,
/// and the strands of one stage may overtake each other, because they run on different connections.
/// </summary>
internal sealed class Sequence
{
    private const int LinesShown = 8;

    private readonly IReadOnlyList<IReadOnlyList<IReadOnlyList<SequenceStep>>> _stages;

    private Sequence(IReadOnlyList<IReadOnlyList<IReadOnlyList<SequenceStep>>> stages) => _stages = stages;

    /// <summary>
    /// One step a line: `ID SOURCE DESTINATION TEXT`, machines by the letters given. A line `[` opens a stage of several strands, `|` goes on to the next
    /// strand, `]` closes it; any other line is a stage of its own.
    /// </summary>
    public static Sequence Parse(string text, IReadOnlyDictionary<string, string> machines)
    {
        var stages = new List<IReadOnlyList<IReadOnlyList<SequenceStep>>>();
        List<List<SequenceStep>>? open = null;
        foreach (string line in text.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            if (line == "[") open = [[]];
            else if (line == "|") open!.Add([]);
            else if (line == "]") (stages, open) = ([.. stages, open!], null);
            else if (open is not null) open[^1].Add(Step(line, machines));
            else stages.Add([[Step(line, machines)]]);
        }

        return new Sequence(stages);
    }

    /// <summary>Null when the trace shows the whole sequence. The variables keep what the trace said, for a further sequence.</summary>
    public SequenceDifference? Check(IReadOnlyList<string> trace, Dictionary<string, string> variables)
    {
        int position = 0;
        string? lastMatch = null;
        foreach (IReadOnlyList<IReadOnlyList<SequenceStep>> stage in _stages)
        {
            int[] next = new int[stage.Count];
            while (Expected(stage, next) is { Count: > 0 } expected)
            {
                int found = position;
                while (found < trace.Count && !Advance(stage, next, trace[found], variables)) found++;
                if (found == trace.Count)
                    return new SequenceDifference([.. expected.Select(step => step.Describe(variables))], lastMatch, [.. trace.Skip(position).Take(LinesShown)]);
                lastMatch = trace[found];
                position = found + 1;
            }
        }

        return null;
    }

    private static List<SequenceStep> Expected(IReadOnlyList<IReadOnlyList<SequenceStep>> stage, int[] next) =>
        [.. stage.Zip(next).Where(strand => strand.Second < strand.First.Count).Select(strand => strand.First[strand.Second])];

    private static bool Advance(IReadOnlyList<IReadOnlyList<SequenceStep>> stage, int[] next, string line, Dictionary<string, string> variables)
    {
        for (int strand = 0; strand < next.Length; strand++)
        {
            if (next[strand] < stage[strand].Count && stage[strand][next[strand]].Matches(line, variables))
            {
                next[strand]++;
                return true;
            }
        }

        return false;
    }

    private static SequenceStep Step(string line, IReadOnlyDictionary<string, string> machines)
    {
        string[] parts = line.Split(' ', 4, StringSplitOptions.RemoveEmptyEntries);
        return new SequenceStep(parts[0], machines[parts[1]], machines[parts[2]], parts[3]);
    }
}
