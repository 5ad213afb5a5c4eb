using System.Text.RegularExpressions;

namespace FwRedirect.Tests.ControlChannel;

/// <summary>PROTOCOL.md as a reader finds it: its sections, the rows of its tables, its dumps.</summary>
internal sealed partial class ProtocolDocument
{
    private readonly string _text = File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "PROTOCOL.md")).ReplaceLineEndings("\n");

    /// <summary>The dumps: "**Name**, ...: `line`", and below it the block with offset, bytes and comment in each row.</summary>
    public IEnumerable<(string Name, string Line, byte[] Bytes)> Dumps()
    {
        foreach (Match dump in Dump().Matches(_text))
            yield return (dump.Groups["name"].Value, dump.Groups["line"].Value, Bytes(dump.Groups["name"].Value, dump.Groups["rows"].Value));
    }

    /// <summary>How many blocks there are, whether or not <see cref="Dumps"/> can read them.</summary>
    public int Blocks => _text.Split("```rws\n").Length - 1;

    /// <summary>The first two cells of every table row in the section whose heading is this.</summary>
    public IReadOnlyList<(string First, string Second)> Rows(string heading) => Lines(heading).Select(cells => (cells[0], cells[1])).ToArray();

    /// <summary>The cells of every table row in that section, headings included.</summary>
    public IReadOnlyList<string[]> Lines(string heading)
    {
        var start = _text.IndexOf($"\n## {heading}\n", StringComparison.Ordinal);
        Assert.IsGreaterThanOrEqualTo(0, start, $"PROTOCOL.md has no section {heading}");
        var end = _text.IndexOf("\n## ", start + 1, StringComparison.Ordinal);
        return _text[start..(end < 0 ? _text.Length : end)].Split('\n')
            .Where(line => line.StartsWith("| ", StringComparison.Ordinal))
            .Select(line => line.Trim().Trim('|').Split('|').Select(cell => cell.Trim()).ToArray())
            .ToArray();
    }

    private static byte[] Bytes(string name, string rows)
    {
        var bytes = new List<byte>();
        foreach (var row in rows.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            Assert.AreEqual(bytes.Count, Convert.ToInt32(row[..4], 16), $"{name}: the offset in '{row}'");
            bytes.AddRange(Convert.FromHexString(row[4..].Split(';')[0].Replace(" ", "")));
        }

        return [.. bytes];
    }

    [GeneratedRegex(@"^\*\*(?<name>\w+)\*\*, [^`\n]*: `(?<line>[^`\n]+)`\n\n```rws\n(?<rows>[^`]+)```", RegexOptions.Multiline | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Dump();
}
