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

    private volatile InForce _now = new(Effective(rules, authentication), local);

    /// <summary>From here on these decide. What was decided stays.</summary>
    public void Replace(IReadOnlyList<AccessRule> rules, LocalDestinations local) => _now = new InForce(Effective(rules, authentication), local);

    /// <summary>May this program connect there?</summary>
    /// <param name="user">The authenticated account, empty where there is none.</param>
    /// <param name="name">What the client says that it looked up; believed only where this firewall gave it that address for the name.</param>
    /// <param name="protocol">TCP, or UDP to a peer.</param>
    /// <param name="isPublished">
    /// Asked of local destinations alone: an outside endpoint of a program here? Whoever is outside may try that, so a client may too (RFC 5382, REQ-8). The rules decide as for any other.
    /// </param>
    public AccessDecision Connect(
        string user, string application, IPEndPoint destination, string? name, RuleProtocol protocol = RuleProtocol.Tcp, Func<IPEndPoint, bool>? isPublished = null)
    {
        var now = _now;
        if (now.Local.Contains(destination.Address) && isPublished?.Invoke(destination) != true)
            return new AccessDecision(false, LocalDestinationsRule);
        var names = NamesOf(destination.Address, name);
        return First(now, rule => rule.MatchesProgram(user, application) && rule.MatchesProtocol(protocol)
            && rule.MatchesDestination(destination.Address, names) && rule.MatchesPort(destination.Port));
    }

    /// <summary>May this program ping it?</summary>
    public AccessDecision Ping(string user, string application, IPAddress destination, string? name)
    {
        var now = _now;
        if (now.Local.Contains(destination))
            return new AccessDecision(false, LocalDestinationsRule);
        var names = NamesOf(destination, name);
        return First(now, rule => rule.MatchesProgram(user, application) && rule.MatchesPing && rule.MatchesDestination(destination, names));
    }

    /// <summary>The name that a client says it looked up, where this firewall gave it <paramref name="address"/> for that name; else null.</summary>
    public string? Believed(IPAddress address, string? name) =>
        name is not null && resolved.Of(address).Contains(name, StringComparer.OrdinalIgnoreCase) ? name : null;

    /// <summary>
    /// May this program be reached from outside at all? Decided before there is a peer, so a Deny counts only where it is for every destination;
    /// <see cref="Accept"/> decides again when one comes.
    /// </summary>
    public AccessDecision Bind(string user, string application, RuleProtocol protocol = RuleProtocol.Tcp) => First(_now, rule => rule.MatchesProgram(user, application)
        && rule.MatchesProtocol(protocol) && (rule.Action == RuleAction.Allow || (!rule.RestrictsDestination && rule.Ports.Count == 0)));

    /// <summary>May this peer reach the program? Ports are not looked at: rules speak of a server's port, and a peer's own port (such as 20 of FTP) is none.</summary>
    public AccessDecision Accept(string user, string application, IPAddress peer, RuleProtocol protocol = RuleProtocol.Tcp)
    {
        var names = resolved.Of(peer);
        return First(_now, rule => rule.MatchesProgram(user, application) && rule.MatchesProtocol(protocol) && rule.MatchesDestination(peer, names)
            && (rule.Action == RuleAction.Allow || rule.Ports.Count == 0));
    }

    private IReadOnlyCollection<string> NamesOf(IPAddress address, string? name) =>
        Believed(address, name) is { } believed ? [believed] : resolved.Of(address);

    private static AccessDecision First(InForce now, Func<AccessRule, bool> matches)
    {
        foreach (var rule in now.Rules)
        {
            if (matches(rule))
                return new AccessDecision(rule.Action == RuleAction.Allow, rule.Name);
        }

        return new AccessDecision(false, DefaultRule);
    }

    private static IReadOnlyList<AccessRule> Effective(IReadOnlyList<AccessRule> rules, AuthenticationMode authentication) =>
        rules.Count > 0 ? rules : [Implicit(authentication)];

    private static AccessRule Implicit(AuthenticationMode authentication) => authentication == AuthenticationMode.None
        ? new AccessRule("Local clients", RuleAction.Allow, [], [], [], [], [])
        : new AccessRule("Authenticated users", RuleAction.Allow, ["*"], [], [], [], []);

    private sealed record InForce(IReadOnlyList<AccessRule> Rules, LocalDestinations Local);
}
