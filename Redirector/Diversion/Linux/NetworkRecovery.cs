using System.Globalization;
using System.Runtime.Versioning;
using System.Text;

namespace FwRedirect.Redirector.Diversion.Linux;

/// <summary>Undoes what a run changed in this network namespace, whoever ran and however it ended. Each step may be repeated.</summary>
[SupportedOSPlatform("linux")]
internal static class NetworkRecovery
{
    private const int Attempts = 3;

    /// <summary>Rules and route, and the sockets that a killed run left in its journal.</summary>
    /// <returns>How many sockets were ended.</returns>
    public static int Run(string journalPath)
    {
        RemoveRules();
        FallbackRoute.Remove();
        return EndFlows(journalPath);
    }

    /// <summary>What the guard does for a killed service: its flows end, and either all goes or only what refuses new ones stays.</summary>
    public static int RunAfterKill(string journalPath, bool keepRefusing)
    {
        // The rules first: a program whose socket ends connects again at once.
        RemoveRules(keepRefusing ? DiversionRules.RefuseChain : null);
        // The route stays with the refusal: without it a connect under way would find no way at all and wait instead of being reset.
        if (!keepRefusing) FallbackRoute.Remove();
        return EndFlows(journalPath);
    }

    /// <summary>Removes every chain of ours, but one if wished, and every jump to one; leaves all else as it is.</summary>
    public static void RemoveRules(string? except = null)
    {
        for (var attempt = 1; ; attempt++)
        {
            var undo = ComposeRemoval(SystemProgram.Run("iptables-save", []), except);
            if (undo.Length == 0) return;
            try
            {
                SystemProgram.Run("iptables-restore", ["--noflush", "-w", "10"], undo);
                return;
            }
            catch (IOException) when (attempt < Attempts)
            {
                // A guard and the next start may remove the same chains at the same time: the second looks again.
            }
        }
    }

    /// <summary>
    /// Ends each program's socket that the journal still names and deletes the journal: a program that only reads would else wait for ever, since no packet
    /// of its own is there to be refused.
    /// </summary>
    public static int EndFlows(string journalPath)
    {
        if (!File.Exists(journalPath)) return 0;
        var ended = 0;
        using (var diagnostics = new SocketDiagnostics())
        {
            foreach (var flow in FlowJournal.ReadAll(journalPath))
            {
                if (diagnostics.Destroy(flow.Protocol, flow.Local, flow.Remote)) ended++;
            }
        }

        File.Delete(journalPath);
        return ended;
    }

    /// <summary>From the output of iptables-save to the input of iptables-restore.</summary>
    public static string ComposeRemoval(string saved, string? except = null)
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
