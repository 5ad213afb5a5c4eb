using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace FwRedirect.Lab.Demo;

/// <summary>
/// One line of the article: an id, who sends to whom, and the text with variables. `{name}` stands for any text, `{name:port}` for a port and
/// `{name:pair}` for a port as FTP's PORT writes it (high byte, comma, low byte). A variable that has a value stands for that value only.
/// </summary>
internal sealed partial record SequenceStep(string Id, string Source, string Destination, string Text)
{
    private static readonly TimeSpan MatchBound = TimeSpan.FromSeconds(1);

    /// <summary>True when the line is this step; then the variables have been given the line's values.</summary>
    public bool Matches(string line, Dictionary<string, string> variables)
    {
        Match match = Regex.Match(line, Expression(variables), RegexOptions.None, MatchBound);
        if (!match.Success) return false;
        foreach (Match placeholder in Placeholders().Matches(Text))
        {
            string name = placeholder.Groups["name"].Value;
            if (!variables.ContainsKey(name)) variables[name] = Value(match, name);
        }

        return true;
    }

    /// <summary>The step with the values that are known by now.</summary>
    public string Describe(IReadOnlyDictionary<string, string> variables) =>
        $"{Id}  {Source} {Destination} {Placeholders().Replace(Text, part => variables.TryGetValue(part.Groups["name"].Value, out string? value) ? Written(part, value) : part.Value)}";

    private string Expression(Dictionary<string, string> variables)
    {
        var expression = new StringBuilder(@"(?:^|\s)").Append(Regex.Escape(Source)).Append(@"\s+").Append(Regex.Escape(Destination)).Append(@"\s+");
        int end = 0;
        foreach (Match part in Placeholders().Matches(Text))
        {
            expression.Append(Literal(Text[end..part.Index])).Append(Pattern(part, variables));
            end = part.Index + part.Length;
        }

        return AllowShortForm(expression.Append(Literal(Text[end..])).Append(@"\s*$").ToString());
    }

    /// <summary>For the same commands the article prints `FTP:Request from Port 1516, 'LIST'` here and `FTP: 'LIST'` there.</summary>
    private static string AllowShortForm(string expression)
    {
        const string Lead = @"FTP:\s*";
        int start = expression.IndexOf($"{Lead}Re", StringComparison.Ordinal) + Lead.Length;
        return start < Lead.Length ? expression : expression.Insert(expression.IndexOf('\'', start), ")?").Insert(start, "(?:");
    }

    /// <summary>The article itself writes blanks after colons and commas now and then.</summary>
    private static string Literal(string text) =>
        Regex.Replace(Regex.Escape(text), @"(?<mark>,|^[A-Z]+:)(\\ )?", @"${mark}\s*", RegexOptions.ExplicitCapture, MatchBound);

    private static string Pattern(Match part, Dictionary<string, string> variables)
    {
        string name = part.Groups["name"].Value;
        if (variables.TryGetValue(name, out string? value)) return Regex.Escape(Written(part, value));
        return part.Groups["kind"].Value switch
        {
            "port" => $@"(?<{name}>\d{{1,5}})",
            "pair" => $@"(?<{name}>\d{{1,3}},\d{{1,3}})",
            _ => $"(?<{name}>.*?)",
        };
    }

    private static string Written(Match part, string value)
    {
        if (part.Groups["kind"].Value != "pair") return value;
        int port = int.Parse(value, CultureInfo.InvariantCulture);
        return $"{port >> 8},{port & 0xFF}";
    }

    private string Value(Match match, string name)
    {
        string text = match.Groups[name].Value;
        if (!Text.Contains($"{{{name}:pair}}", StringComparison.Ordinal)) return text;
        string[] bytes = text.Split(',');
        return ((int.Parse(bytes[0], CultureInfo.InvariantCulture) << 8) + int.Parse(bytes[1], CultureInfo.InvariantCulture)).ToString(CultureInfo.InvariantCulture);
    }

    [GeneratedRegex(@"\{(?<name>\w+)(:(?<kind>\w+))?\}", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Placeholders();
}
