namespace FwRedirect.ControlChannel.Settings.Import;

/// <summary>A line that could not be taken over, and why.</summary>
internal sealed record ImportProblem(string File, int Line, string Text, string Reason)
{
    public override string ToString() => $"{File}:{Line}: {Text}: {Reason}";
}
