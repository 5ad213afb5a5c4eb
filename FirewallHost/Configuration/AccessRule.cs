using System.Net;

namespace FwRedirect.FirewallHost.Configuration;

/// <summary>One line of the policy. A list that is empty does not restrict.</summary>
/// <param name="Users">"DOMAIN\user", "DOMAIN\*" or "*" for everybody who logged on; empty: also who did not.</param>
/// <param name="Applications">File names of executables, such as ftp.exe.</param>
/// <param name="Networks">Destinations by address.</param>
/// <param name="Names">Destinations by name, "*.example" included: matched by what this firewall itself has looked up.</param>
internal sealed record AccessRule(
    string Name, RuleAction Action, IReadOnlyList<string> Users, IReadOnlyList<string> Applications,
    IReadOnlyList<IPNetwork> Networks, IReadOnlyList<string> Names, IReadOnlyList<PortRange> Ports)
{
    /// <summary>Protocols that it speaks of.</summary>
    public IReadOnlyList<RuleProtocol> Protocols { get; init; } = [];

    public bool RestrictsDestination => Networks.Count + Names.Count > 0;

    public bool MatchesProgram(string user, string application) =>
        (Users.Count == 0 || Users.Any(pattern => MatchesUser(pattern, user)))
        && (Applications.Count == 0 || Applications.Contains(application, StringComparer.OrdinalIgnoreCase));

    public bool MatchesDestination(IPAddress address, IReadOnlyCollection<string> names) =>
        !RestrictsDestination
        || Networks.Any(network => network.Contains(address))
        || Names.Any(pattern => names.Any(name => MatchesName(pattern, name)));

    public bool MatchesPort(int port) => Ports.Count == 0 || Ports.Any(range => range.Contains(port));

    public bool MatchesProtocol(RuleProtocol protocol) => Protocols.Count == 0 || Protocols.Contains(protocol);

    /// <summary>Ping has no port: a rule that names ports speaks of it only where it names it as well.</summary>
    public bool MatchesPing => Protocols.Count == 0 ? Ports.Count == 0 : Protocols.Contains(RuleProtocol.Ping);

    private static bool MatchesUser(string pattern, string user) =>
        user.Length > 0
        && (pattern == "*"
            || pattern.Equals(user, StringComparison.OrdinalIgnoreCase)
            || (pattern.EndsWith("\\*", StringComparison.Ordinal) && user.StartsWith(pattern[..^1], StringComparison.OrdinalIgnoreCase)));

    private static bool MatchesName(string pattern, string name) =>
        pattern.Equals(name, StringComparison.OrdinalIgnoreCase)
        || (pattern.StartsWith("*.", StringComparison.Ordinal) && name.EndsWith(pattern[1..], StringComparison.OrdinalIgnoreCase));
}
