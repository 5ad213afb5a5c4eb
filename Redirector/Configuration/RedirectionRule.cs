using System.Net;
using FwRedirect.ControlChannel.Settings;

namespace FwRedirect.Redirector.Configuration;

/// <summary>One of the Rules of the configuration. A list that is empty does not restrict.</summary>
/// <param name="Users">As the system names them: "alice", "CONTOSO\alice", "CONTOSO\*".</param>
/// <param name="Networks">Destinations by address.</param>
/// <param name="Names">Destinations by name, "*.example" included: matched by the name that the program looked up.</param>
/// <param name="Protocols">Numbers of IP protocols.</param>
/// <param name="Source">The file that it stands in.</param>
internal sealed record RedirectionRule(
    string Name, RedirectionAction Action, IReadOnlyList<ApplicationName> Applications, IReadOnlyList<string> Users,
    IReadOnlyList<IPNetwork> Networks, IReadOnlyList<string> Names, PortList Ports, IReadOnlyList<byte> Protocols, string Source)
{
    private static StringComparison UserComparison => OperatingSystem.IsWindows() ? StringComparison.OrdinalIgnoreCase : StringComparison.Ordinal;

    public bool RestrictsDestination => Networks.Count + Names.Count > 0;

    /// <summary>True where it can say no of one port or protocol and yes of another.</summary>
    public bool RestrictsTransport => !Ports.IsEmpty || Protocols.Count > 0;

    public bool MatchesProgram(string application, string? path, string user) =>
        (Applications.Count == 0 || Applications.Any(a => a.Matches(application, path))) && (Users.Count == 0 || Users.Any(pattern => MatchesUser(pattern, user)));

    public bool MatchesDestination(IPAddress address, string? name) =>
        !RestrictsDestination || Networks.Any(network => network.Contains(address)) || (name is not null && MatchesName(name));

    public bool MatchesName(string name) => Names.Any(pattern => MatchesName(pattern, name.TrimEnd('.')));

    public bool MatchesTransport(byte protocol, int port) => (Protocols.Count == 0 || Protocols.Contains(protocol)) && (Ports.IsEmpty || Ports.Contains(port));

    /// <summary>For a log and for who asks why.</summary>
    public override string ToString() => $"rule '{Name}', {Source}";

    private static bool MatchesUser(string pattern, string user) =>
        pattern == "*" || pattern.Equals(user, UserComparison) || (pattern.EndsWith("\\*", StringComparison.Ordinal) && user.StartsWith(pattern[..^1], UserComparison));

    private static bool MatchesName(string pattern, string name) =>
        pattern.Equals(name, StringComparison.OrdinalIgnoreCase)
        || (pattern.StartsWith("*.", StringComparison.Ordinal) && name.EndsWith(pattern[1..], StringComparison.OrdinalIgnoreCase));
}
