using System.Net;
using FwRedirect.FirewallHost.Configuration;
using FwRedirect.FirewallHost.Names;

namespace FwRedirect.FirewallHost.Policy;

/// <summary>
/// Who may do what. The first rule that matches decides; before all stands "Local destinations", behind all "Default rule". Without rules everybody who logged on may
/// connect and listen ("Authenticated users"), or, where nobody is asked to, every client ("Local clients").
/// </summary>
internal sealed class AccessPolicy(
    IReadOnlyList<AccessRule> rules, AuthenticationMode authentication, LocalDestinations local, ResolvedNames resolved)
{
    public const string LocalDestinationsRule = "Local destinations";
    public const string DefaultRule = "Default rule";

    private readonly AccessRule[] _rules = rules.Count > 0 ? [.. rules] : [Implicit(authentication)];

    /// <summary>May this program connect there?</summary>
    /// <param name="user">The authenticated account, empty where there is none.</param>
    /// <param name="name">What the client says that it looked up; believed only where this firewall gave it that address for the name.</param>
    /// <param name="protocol">TCP, or UDP to a peer.</param>
    public AccessDecision Connect(string user, string application, IPEndPoint destination, string? name, RuleProtocol protocol = RuleProtocol.Tcp)
    {
        if (local.Contains(destination.Address))
            return new AccessDecision(false, LocalDestinationsRule);
        var names = NamesOf(destination.Address, name);
        return First(rule => rule.MatchesProgram(user, application) && rule.MatchesProtocol(protocol)
            && rule.MatchesDestination(destination.Address, names) && rule.MatchesPort(destination.Port));
    }

    /// <summary>May this program ping it?</summary>
    public AccessDecision Ping(string user, string application, IPAddress destination, string? name)
    {
        if (local.Contains(destination))
            return new AccessDecision(false, LocalDestinationsRule);
        var names = NamesOf(destination, name);
        return First(rule => rule.MatchesProgram(user, application) && rule.MatchesPing && rule.MatchesDestination(destination, names));
    }

    /// <summary>The name that a client says it looked up, where this firewall gave it <paramref name="address"/> for that name; else null.</summary>
    public string? Believed(IPAddress address, string? name) =>
        name is not null && resolved.Of(address).Contains(name, StringComparer.OrdinalIgnoreCase) ? name : null;

    /// <summary>
    /// May this program be reached from outside at all? Decided before there is a peer, so a Deny counts only where it is for every destination;
    /// <see cref="Accept"/> decides again when one comes.
    /// </summary>
    public AccessDecision Bind(string user, string application, RuleProtocol protocol = RuleProtocol.Tcp) => First(rule => rule.MatchesProgram(user, application)
        && rule.MatchesProtocol(protocol) && (rule.Action == RuleAction.Allow || (!rule.RestrictsDestination && rule.Ports.Count == 0)));

    /// <summary>May this peer reach the program? Ports are not looked at: rules speak of a server's port, and a peer's own port (such as 20 of FTP) is none.</summary>
    public AccessDecision Accept(string user, string application, IPAddress peer, RuleProtocol protocol = RuleProtocol.Tcp)
    {
        var names = resolved.Of(peer);
        return First(rule => rule.MatchesProgram(user, application) && rule.MatchesProtocol(protocol) && rule.MatchesDestination(peer, names)
            && (rule.Action == RuleAction.Allow || rule.Ports.Count == 0));
    }

    private IReadOnlyCollection<string> NamesOf(IPAddress address, string? name) =>
        Believed(address, name) is { } believed ? [believed] : resolved.Of(address);

    private AccessDecision First(Func<AccessRule, bool> matches)
    {
        foreach (var rule in _rules)
        {
            if (matches(rule))
                return new AccessDecision(rule.Action == RuleAction.Allow, rule.Name);
        }

        return new AccessDecision(false, DefaultRule);
    }

    private static AccessRule Implicit(AuthenticationMode authentication) => authentication == AuthenticationMode.None
        ? new AccessRule("Local clients", RuleAction.Allow, [], [], [], [], [])
        : new AccessRule("Authenticated users", RuleAction.Allow, ["*"], [], [], [], []);
}
