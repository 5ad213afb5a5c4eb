using System.Runtime.Versioning;
using FwRedirect.Redirector.Diversion.Linux.Native;
using FwRedirect.Redirector.Diversion.Linux.Rules;

namespace FwRedirect.Redirector.Diversion.Linux.Recovery;

/// <summary>Undoes what a run changed in this network namespace, whoever ran and however it ended. Each step may be repeated.</summary>
[SupportedOSPlatform("linux")]
internal static class NetworkRecovery
{
    /// <summary>Rules and route, and the sockets that a killed run left in its journal.</summary>
    /// <returns>How many sockets were ended.</returns>
    public static int Run(string journalPath)
    {
        RuleRemoval.Run();
        FallbackRoute.Remove();
        return EndFlows(journalPath);
    }

    /// <summary>What the guard does for a killed service: its flows end, and either all goes or only what refuses new ones stays.</summary>
    public static int RunAfterKill(string journalPath, bool keepRefusing)
    {
        // The rules first: a program whose socket ends connects again at once.
        RuleRemoval.Run(keepRefusing ? DiversionRules.RefuseChain : null);
        // The route stays with the refusal: without it a connect under way would find no way at all and wait instead of being reset.
        if (!keepRefusing) FallbackRoute.Remove();
        return EndFlows(journalPath);
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
}
