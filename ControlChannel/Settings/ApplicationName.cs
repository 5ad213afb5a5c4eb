namespace FwRedirect.ControlChannel.Settings;

/// <summary>
/// Which programs a setting or a rule is for: an executable by its file name, with or without ".exe", or by its full path; "*" (or "Common", as the old files have it) is every program.
/// </summary>
internal sealed record ApplicationName
{
    private const string Extension = ".exe";

    private readonly string _bare;

    public ApplicationName(string text)
    {
        IsEveryProgram = text == "*" || text.Equals("Common", StringComparison.OrdinalIgnoreCase);
        Text = IsEveryProgram ? "*" : text;
        IsPath = text.Contains('/', StringComparison.Ordinal) || text.Contains('\\', StringComparison.Ordinal);
        _bare = Bare(Text);
    }

    /// <summary>As it was written.</summary>
    public string Text { get; }

    public bool IsEveryProgram { get; }

    public bool IsPath { get; }

    /// <summary>File names are compared as the system compares them.</summary>
    private static StringComparison Comparison => OperatingSystem.IsWindows() ? StringComparison.OrdinalIgnoreCase : StringComparison.Ordinal;

    /// <param name="name">File name of the program.</param>
    /// <param name="path">Its full path; null where it is not known.</param>
    public bool Matches(string name, string? path) => IsEveryProgram || IsSame(IsPath ? path : name);

    public bool Equals(ApplicationName? other) => other is not null && _bare.Equals(other._bare, Comparison);

    public override int GetHashCode() => _bare.GetHashCode(Comparison);

    public override string ToString() => Text;

    private bool IsSame(string? program) => program is not null && Bare(program).Equals(_bare, Comparison);

    private static string Bare(string program) =>
        program.EndsWith(Extension, StringComparison.OrdinalIgnoreCase) ? program[..^Extension.Length] : program;
}
