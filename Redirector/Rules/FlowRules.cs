using FwRedirect.ControlChannel.Settings;
using FwRedirect.Redirector.Packets;
using FwRedirect.Redirector.Processes;

namespace FwRedirect.Redirector.Rules;

/// <summary>
/// Decides on flows and names by the rules in force. The one place that is asked: for every flow once its process is known, before anything is asked of the firewall. Callable from any
/// thread; from memory, no I/O.
/// </summary>
internal sealed class FlowRules(LocalDestinations destinations, RuleSet rules, int ownProcess)
{
    private readonly TaskCompletionSource _opened = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile InForce _now = new(rules, new LocalNames(rules.Domains, destinations));

    /// <summary>From here on these decide. Flows that are decided go on as they were.</summary>
    public void Replace(RuleSet rules) => _now = new InForce(rules, new LocalNames(rules.Domains, destinations));

    /// <summary>The firewall's settings are known, or are not to be had for now: what waits is decided.</summary>
    public void Open() => _opened.TrySetResult();

    /// <summary>Decides on a flow, at the service's start once the firewall's settings are known. The why is to be kept with it (<see cref="Engine.Flow.Why"/>).</summary>
    public async ValueTask<FlowDecision> DecideAsync(FlowQuestion question)
    {
        await _opened.Task;
        return Decide(question);
    }

    /// <summary>Decides on a program's question for a name that is not local for everybody; waits likewise.</summary>
    public async ValueTask<FlowDecision> DecideNameAsync(ProcessInfo process, string name)
    {
        await _opened.Task;
        // What the firewall calls local may be known only now.
        return WhyLocal(name) is { } why ? new FlowDecision(FlowVerdict.Local, why) : DecideName(process, name);
    }

    /// <summary>Decides on a flow. The why is to be kept with it (<see cref="Engine.Flow.Why"/>).</summary>
    public FlowDecision Decide(in FlowQuestion question)
    {
        if (destinations.Why(question.Destination) is { } local)
            return new FlowDecision(FlowVerdict.Local, local);
        // The service's own: through the firewall it would wait for a channel, and the channel, perhaps, for it (a logon asks Kerberos' servers).
        if (question.Process.Id == ownProcess)
            return new FlowDecision(FlowVerdict.Local, "a connection of fwredirect itself");
        return _now.Rules.Decide(question);
    }

    /// <summary>
    /// All that the application settings say for a program. Where a listening or bound socket belongs, ProxyBindIp, KillOldSession, Persistent and ForceCredentials are asked of it.
    /// </summary>
    public ProgramSettings SettingsOf(ProcessInfo process) => _now.Rules.SettingsOf(process);

    /// <summary>Another object for each set of rules, to know whether they have changed.</summary>
    public object Version => _now;

    /// <summary>False where no setting publishes a TCP port.</summary>
    public bool PublishesTcp => _now.Rules.PublishesTcp;

    /// <summary>The same for UDP.</summary>
    public bool PublishesUdp => _now.Rules.PublishesUdp;

    /// <summary>Why a name is local, whoever asks for it; null where that depends on the program. Called on the packet path.</summary>
    public string? WhyLocal(string name)
    {
        var now = _now;
        return now.Rules.AsksFirewallForLocalNames ? now.Names.WhyForAll(name) : now.Names.Why(name);
    }

    /// <summary>Decides on a program's question for a name that is not local for everybody.</summary>
    public FlowDecision DecideName(ProcessInfo process, string name) => _now.Rules.DecideName(process, name);

    /// <summary>Is this server reached without the firewall?</summary>
    public bool IsLocalServer(PacketEndpoint server) => destinations.IsLocal(server);

    private sealed record InForce(RuleSet Rules, LocalNames Names);
}
