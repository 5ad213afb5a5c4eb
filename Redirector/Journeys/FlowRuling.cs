using FwRedirect.Redirector.Engine;
using FwRedirect.Redirector.Processes;
using FwRedirect.Redirector.Rules;
using Microsoft.Extensions.Logging;

namespace FwRedirect.Redirector.Journeys;

/// <summary>Asks the rules about a flow: the why stays with the flow, and the log tells of every flow that does not go through the firewall.</summary>
internal static class FlowRuling
{
    public static async ValueTask<FlowVerdict> RuleAsync(this FlowRules rules, Flow flow, ProcessInfo process, string? name, ILogger logger)
    {
        var decision = await rules.DecideAsync(new FlowQuestion(process, flow.Protocol, flow.Peer, name));
        flow.Why = decision.ToString();
        if (decision.Verdict == FlowVerdict.Local)
            JourneyLog.Local(logger, process.Name, flow.Client, flow.Peer, decision.Why);
        else if (decision.Verdict == FlowVerdict.Block)
            JourneyLog.Blocked(logger, process.Name, flow.Client, flow.Peer, decision.Why);
        return decision.Verdict;
    }
}
