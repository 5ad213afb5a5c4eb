using System.Globalization;
using System.Runtime.Versioning;
using System.Text;
using FwRedirect.Redirector.Diversion.Linux.Native;

namespace FwRedirect.Redirector.Diversion.Linux.Rules;

/// <summary>Takes our chains out of the tables of this network namespace, whoever put them there.</summary>
[SupportedOSPlatform("linux")]
internal static class RuleRemoval
{
    private const int Attempts = 3;

    /// <summary>Removes every chain of ours, but one if wished, and every jump to one; leaves all else as it is.</summary>
    public static void Run(string? except = null)
    {
        Run("iptables", except);
        if (IPv6Stack.Exists() && SystemProgram.Exists("ip6tables-restore")) Run("ip6tables", except);
    }

    private static void Run(string tables, string? except)
    {
        for (var attempt = 1; ; attempt++)
        {
            var undo = Compose(SystemProgram.Run($"{tables}-save", []), except);
            if (undo.Length == 0) return;
            try
            {
                SystemProgram.Run($"{tables}-restore", ["--noflush", "-w", "10"], undo);
                return;
            }
            catch (IOException) when (attempt < Attempts)
            {
                // A guard and the next start may remove the same chains at the same time: the second looks again.
            }
        }
    }

    /// <summary>From the output of iptables-save to the input of iptables-restore.</summary>
    public static string Compose(string saved, string? except = null)
    {
        var text = new StringBuilder();
        var jumps = new List<string>();
        var chains = new List<string>();
        var table = "";
        foreach (var line in saved.Split('\n'))
        {
            if (except is not null && line.Contains(except, StringComparison.Ordinal)) continue;
            if (line.StartsWith('*'))
            {
                table = line;
            }
            else if (line.StartsWith(":" + DiversionRules.ChainPrefix, StringComparison.Ordinal))
            {
                chains.Add(line[1..line.IndexOf(' ', StringComparison.Ordinal)]);
            }
            else if (line.StartsWith("-A ", StringComparison.Ordinal) && line.Contains(" -j " + DiversionRules.ChainPrefix, StringComparison.Ordinal))
            {
                jumps.Add("-D" + line[2..]);
            }
            else if (line.StartsWith("COMMIT", StringComparison.Ordinal) && chains.Count + jumps.Count > 0)
            {
                text.Append(table).Append('\n');
                foreach (var jump in jumps) text.Append(jump).Append('\n');
                foreach (var chain in chains) text.Append(CultureInfo.InvariantCulture, $"-F {chain}\n");
                foreach (var chain in chains) text.Append(CultureInfo.InvariantCulture, $"-X {chain}\n");
                text.Append("COMMIT\n");
                jumps.Clear();
                chains.Clear();
            }
        }

        return text.ToString();
    }
}
