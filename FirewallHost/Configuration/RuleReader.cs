using System.Net;
using FwRedirect.ControlChannel.Configuration;
using Microsoft.Extensions.Configuration;

namespace FwRedirect.FirewallHost.Configuration;

/// <summary>Reads the rules of a configuration.</summary>
internal sealed class RuleReader(ConfigurationKeys keys)
{
    private static readonly HashSet<string> Known =
        new(["Name", "Action", "Users", "Applications", "Destinations", "Ports", "Protocols"], StringComparer.OrdinalIgnoreCase);

    public List<AccessRule> Read(string key)
    {
        var section = keys.Section(key);
        if (section.Value is { Length: > 0 })
            keys.Wrong(key, "is a list of objects");
        return [.. section.GetChildren().Select(Rule)];
    }

    private AccessRule Rule(IConfigurationSection section)
    {
        foreach (var child in section.GetChildren().Where(child => !Known.Contains(child.Key)))
            keys.Wrong(child.Path, "is not a key of a rule");
        var name = section["Name"];
        if (string.IsNullOrWhiteSpace(name))
            keys.Wrong($"{section.Path}:Name", "is missing: decisions and logs name their rule");
        if (!Enum.TryParse<RuleAction>(section["Action"], ignoreCase: true, out var action) || !Enum.IsDefined(action))
            keys.Wrong($"{section.Path}:Action", $"\"{section["Action"]}\" is not Allow or Deny");

        var networks = new List<IPNetwork>();
        var names = new List<string>();
        foreach (var destination in keys.Items<string>(section.GetSection("Destinations"), Text, "a network or a name"))
        {
            if (ConfigurationKeys.Network(destination, out var network) && network.BaseAddress.IsIPv4MappedToIPv6)
                keys.Wrong($"{section.Path}:Destinations", $"{destination} {AddressCheck.Mapped}");
            else if (ConfigurationKeys.Network(destination, out network))
                networks.Add(network);
            else if (Uri.CheckHostName(destination.StartsWith("*.", StringComparison.Ordinal) ? destination[2..] : destination) == UriHostNameType.Dns)
                names.Add(destination.TrimEnd('.'));
            else
                keys.Wrong($"{section.Path}:Destinations", $"\"{destination}\" is no network, address or name");
        }

        return new AccessRule(
            name ?? "", action,
            keys.Items<string>(section.GetSection("Users"), User, "DOMAIN\\user, DOMAIN\\* or *"),
            keys.Items<string>(section.GetSection("Applications"), Text, "an executable's file name"),
            networks, names,
            keys.Items<PortRange>(section.GetSection("Ports"), PortRange.TryParse!, "a port or a range such as 8000-8010"))
        {
            Protocols = keys.Items<RuleProtocol>(section.GetSection("Protocols"), Protocol, "TCP, UDP or Ping"),
        };
    }

    private static bool Protocol(string text, out RuleProtocol value) =>
        Enum.TryParse(text, ignoreCase: true, out value) && !char.IsDigit(text[0]) && Enum.IsDefined(value);

    private static bool Text(string text, out string value)
    {
        value = text;
        return text.Length > 0;
    }

    private static bool User(string text, out string value)
    {
        value = text;
        return text == "*" || (text.IndexOf('\\', StringComparison.Ordinal) is > 0 and var at && at < text.Length - 1);
    }
}
