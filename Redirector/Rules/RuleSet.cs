using System.Collections.Concurrent;
using FwRedirect.ControlChannel.Settings;
using FwRedirect.Redirector.Configuration;
using FwRedirect.Redirector.Packets;
using FwRedirect.Redirector.Processes;

namespace FwRedirect.Redirector.Rules;

/// <summary>
/// The rules and settings as they are at one time; never changed, so that whoever asks twice is answered alike. The order in which they decide is explained in README.md, "Who decides".
/// </summary>
/// <param name="domains">Which names are local.</param>
/// <param name="settings">Application settings; the source that wins first.</param>
/// <param name="rules">The first that matches decides.</param>
internal sealed class RuleSet(LocalDomains domains, IReadOnlyList<ApplicationSettings> settings, IReadOnlyList<RedirectionRule> rules)
{
    /// <summary>Programs remembered; a machine runs some hundreds, and what is over this is worked out again each time.</summary>
    private const int MostPrograms = 4_096;

    private readonly ConcurrentDictionary<(string Name, string? Path), ProgramSettings> _programs = new();

    /// <summary>True where some program's local names may be the firewall's business: then a question can not be decided before its program is known.</summary>
    public bool AsksFirewallForLocalNames { get; } =
        settings.Any(source => source.All.Any(s => s is { Key: SettingKey.NameResolution, Value: SettingValue.Place { Letter: 'R' } }));

    /// <summary>True where a setting has TCP ports that are bound at the firewall, whatever the program has done before.</summary>
    public bool PublishesTcp { get; } = settings.Any(source => source.Any(SettingKey.ServerBindTcpPorts) || source.Any(SettingKey.RemoteBindTcpPorts));

    /// <summary>The same for UDP.</summary>
    public bool PublishesUdp { get; } = settings.Any(source => source.Any(SettingKey.ServerBindUdpPorts) || source.Any(SettingKey.RemoteBindUdpPorts));

    public LocalDomains Domains => domains;

    public ProgramSettings SettingsOf(ProcessInfo process)
    {
        if (_programs.TryGetValue((process.Name, process.Path), out var known))
            return known;
        var found = new ProgramSettings(settings, process.Name, process.Path);
        if (_programs.Count < MostPrograms)
            _programs.TryAdd((process.Name, process.Path), found);
        return found;
    }

    /// <summary>Decides on a flow whose destination is not local by its address.</summary>
    public FlowDecision Decide(in FlowQuestion question)
    {
        var program = SettingsOf(question.Process);
        if (question.Name is { } name && program.NameResolution != 'R' && domains.Listed(name) is { } domain)
            return new FlowDecision(FlowVerdict.Local, domain);
        if (program.Find(SettingKey.Disable) is { IsSet: true } disabled)
            return new FlowDecision(FlowVerdict.Local, disabled.ToString());
        var kept = question.Protocol switch
        {
            IpProtocol.Tcp => program.KeepsTcp(question.Destination.Port),
            IpProtocol.Udp => program.KeepsUdp(question.Destination.Port),
            _ => null,
        };
        if (kept is not null)
            return new FlowDecision(FlowVerdict.Local, kept.ToString());
        foreach (var rule in rules)
        {
            if (rule.MatchesProgram(question.Process.Name, question.Process.Path, question.Process.User)
                && rule.MatchesTransport(question.Protocol, question.Destination.Port)
                && rule.MatchesDestination(question.Destination.ToIPEndPoint().Address, question.Name))
            {
                return new FlowDecision(VerdictOf(rule.Action), rule.ToString());
            }
        }

        return FlowDecision.Default;
    }

    /// <summary>
    /// Decides on a program's question for a name. A name is blocked where every connection to it would be; what a rule calls local is still looked up by the firewall, since only a
    /// name that is seen in an answer can be matched when the program connects.
    /// </summary>
    public FlowDecision DecideName(ProcessInfo process, string name)
    {
        var program = SettingsOf(process);
        if (program.Find(SettingKey.Disable) is { IsSet: true } disabled)
            return new FlowDecision(FlowVerdict.Local, disabled.ToString());
        if (program.Find(SettingKey.NameResolution) is { Value: SettingValue.Place { Letter: var place } } resolution)
            return place == 'L' ? new FlowDecision(FlowVerdict.Local, resolution.ToString()) : Blocking(process, name) ?? new FlowDecision(FlowVerdict.Redirect, resolution.ToString());
        if (domains.Why(name) is { } why)
            return new FlowDecision(FlowVerdict.Local, why);
        return Blocking(process, name) ?? FlowDecision.Default;
    }

    private FlowDecision? Blocking(ProcessInfo process, string name)
    {
        foreach (var rule in rules)
        {
            if (!rule.MatchesProgram(process.Name, process.Path, process.User))
                continue;
            var isForName = !rule.RestrictsDestination || rule.MatchesName(name);
            if (isForName && !rule.RestrictsTransport)
                return rule.Action == RedirectionAction.Block ? new FlowDecision(FlowVerdict.Block, rule.ToString()) : null;
            // Some connections to the name may be let through by this one: by their port, or by the address that the name is yet to get.
            if (rule.Action != RedirectionAction.Block && (isForName || rule.Networks.Count > 0))
                return null;
        }

        return null;
    }

    private static FlowVerdict VerdictOf(RedirectionAction action) => action switch
    {
        RedirectionAction.Local => FlowVerdict.Local,
        RedirectionAction.Block => FlowVerdict.Block,
        _ => FlowVerdict.Redirect,
    };
}
