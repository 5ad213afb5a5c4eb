namespace FwRedirect.ControlChannel.Settings.Import;

/// <summary>"key=value" in an INI file.</summary>
/// <param name="Section">Empty before the first.</param>
internal sealed record IniEntry(int Line, string Section, string Key, string Value)
{
    /// <summary>Comments begin with a semicolon; blanks around names and values do not count. What is no entry has an empty key, and the line as its value.</summary>
    public static IEnumerable<IniEntry> Read(IEnumerable<string> lines)
    {
        var (section, number) = ("", 0);
        foreach (var line in lines.Select(l => l.Trim()))
        {
            number++;
            if (line.Length == 0 || line[0] is ';' or '#')
                continue;
            var equals = line.IndexOf('=', StringComparison.Ordinal);
            if (line[0] == '[' && line[^1] == ']')
                section = line[1..^1].Trim();
            else if (equals > 0)
                yield return new IniEntry(number, section, line[..equals].Trim(), line[(equals + 1)..].Trim());
            else
                yield return new IniEntry(number, section, "", line);
        }
    }
}
