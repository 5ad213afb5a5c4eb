using System.Runtime.Versioning;
using System.Text;

namespace FwRedirect.Redirector.Installation.Windows;

/// <summary>
/// A service's ImagePath: one text that Windows takes apart again, by the rules of CommandLineToArgvW. Every argument is quoted: of a path with blanks and
/// without quotes each shorter beginning is tried as a program first, which has let others' programs run as LocalSystem.
/// </summary>
[SupportedOSPlatform("windows")]
internal static class ServiceCommandLine
{
    public static string Format(IEnumerable<string> arguments) => string.Join(' ', arguments.Select(Quote));

    public static IReadOnlyList<string> Split(string text)
    {
        var arguments = new List<string>();
        var argument = new StringBuilder();
        bool quoted = false, begun = false;
        for (var i = 0; i < text.Length; i++)
        {
            var backslashes = 0;
            for (; i < text.Length && text[i] == '\\'; i++)
                backslashes++;
            var quote = i < text.Length && text[i] == '"';
            argument.Append('\\', quote ? backslashes / 2 : backslashes);
            begun |= backslashes > 0;
            if (i == text.Length)
                break;
            if (quote && backslashes % 2 == 0)
            {
                quoted = !quoted;
                begun = true;
            }
            else if (text[i] is ' ' or '\t' && !quoted)
            {
                if (begun)
                    arguments.Add(argument.ToString());
                argument.Clear();
                begun = false;
            }
            else
            {
                argument.Append(text[i]);
                begun = true;
            }
        }

        if (begun)
            arguments.Add(argument.ToString());
        return arguments;
    }

    /// <summary>Backslashes count only before a quote: doubled there, and the quote itself gets one.</summary>
    private static string Quote(string argument)
    {
        var text = new StringBuilder("\"");
        var backslashes = 0;
        foreach (var letter in argument)
        {
            if (letter == '"')
                text.Append('\\', backslashes + 1);
            backslashes = letter == '\\' ? backslashes + 1 : 0;
            text.Append(letter);
        }

        return text.Append('\\', backslashes).Append('"').ToString();
    }
}
