using System.Net;
using FwRedirect.ControlChannel.Configuration;
using FwRedirect.ControlChannel.Settings;
using Microsoft.Extensions.Configuration;

namespace FwRedirect.Redirector.Configuration;

/// <summary>Reads the rules of a configuration.</summary>
/// <param name="source">For <see cref="RedirectionRule.Source"/>.</param>
internal sealed class RuleReader(ConfigurationKeys keys, string source)
{
    private static readonly string[] Known = ["Name", "Action", "Applications", "Users", "Destinations", "Ports", "Protocols"];

    public List<RedirectionRule> Read(string key)
    {
        var section = keys.Section(key);
        if (section.Value is { Length: > 0 })
            keys.Wrong(key, "is one value; wanted is a list of objects");
        var rules = section.GetChildren().Select(Rule).ToList();
        foreach (var (at, earlier) in RuleCheck.Shadowed(rules))
            keys.Wrong($"{key}:{at}", $"'{rules[at].Name}' can never match: '{earlier.Name}' before it takes everything that it is for");
        return rules;
    }

    private RedirectionRule Rule(IConfigurationSection section)
    {
        foreach (var child in section.GetChildren().Where(child => !Known.Contains(child.Key, StringComparer.OrdinalIgnoreCase)))
            keys.Wrong(child.Path, $"is not a key of a rule; those are {string.Join(", ", Known)}");
        var name = section["Name"];
        if (string.IsNullOrWhiteSpace(name))
            keys.Wrong($"{section.Path}:Name", "is missing: decisions and logs name their rule");
        if (!Enum.TryParse<RedirectionAction>(section["Action"], ignoreCase: true, out var action) || !Enum.IsDefined(action) || char.IsAsciiDigit(section["Action"]![0]))
            keys.Wrong($"{section.Path}:Action", $"\"{section["Action"]}\" is not local, redirect or block");
        var (networks, names) = Destinations(section.GetSection("Destinations"));
        return new RedirectionRule(
            name ?? "", action,
            [.. keys.Items<string>(section.GetSection("Applications"), Text, "an executable's file name or path").Select(text => new ApplicationName(text))],
            keys.Items<string>(section.GetSection("Users"), Text, "a user, such as alice or CONTOSO\\alice"),
            networks, names, Ports(section.GetSection("Ports")), keys.Items<byte>(section.GetSection("Protocols"), Protocol, "tcp, udp or icmp"), source);
    }

    private (List<IPNetwork> Networks, List<string> Names) Destinations(IConfigurationSection section)
    {
        var (networks, names) = (new List<IPNetwork>(), new List<string>());
        foreach (var destination in keys.Items<string>(section, Text, "a network or a name"))
        {
            if (ConfigurationKeys.Network(destination, out var network))
                networks.Add(network);
            else if (Uri.CheckHostName(destination.StartsWith("*.", StringComparison.Ordinal) ? destination[2..] : destination) == UriHostNameType.Dns)
                names.Add(destination.TrimEnd('.'));
            else
                keys.Wrong(section.Path, $"\"{destination}\" is no network, address or name, such as 10.0.0.0/8, 131.107.0.21 or *.example.com");
        }

        return (networks, names);
    }

    private PortList Ports(IConfigurationSection section)
    {
        var texts = keys.Items<string>(section, (text, out value) => PortList.TryParse(value = text, out var list) && !list.HasDynamic, "a port or a range such as 8000-8010");
        return PortList.TryParse(string.Join(",", texts), out var ports) ? ports : PortList.Empty;
    }

    private static bool Protocol(string text, out byte value)
    {
        value = text.ToUpperInvariant() switch { "TCP" => 6, "UDP" => 17, "ICMP" => 1, _ => 0 };
        return value != 0;
    }

    private static bool Text(string text, out string value)
    {
        value = text;
        return text.Length > 0;
    }
}
