using System.CommandLine;
using System.Globalization;
using System.Net;
using FwRedirect.ControlChannel.Configuration;
using FwRedirect.Redirector.Configuration;
using FwRedirect.Redirector.Packets;
using FwRedirect.Redirector.Processes;
using FwRedirect.Redirector.Rules;
using FwRedirect.Redirector.Service.Linux;
using FwRedirect.Redirector.Service.Windows;
using Microsoft.Extensions.Logging.Abstractions;

namespace FwRedirect.Redirector.Commands;

/// <summary>fwredirect explain: what would be decided, and why; nothing is sent.</summary>
internal static class ExplainCommand
{
    /// <summary>A name may have any address: this one is in no network that somebody names (RFC 5737).</summary>
    private static readonly IPAddress AnyAddress = IPAddress.Parse("192.0.2.1");

    public static Command Create()
    {
        var config = ConfigurationOption.Create();
        var name = new Option<string?>("--name") { Description = "The name by which the program got the address" };
        var words = new Argument<string[]>("PROGRAM [USER] DESTINATION:PORT/PROTOCOL")
        {
            Description = "Such as: ftp 131.107.0.21:21/tcp, or /usr/bin/curl alice www.example.com:443/tcp",
            Arity = new ArgumentArity(2, 3),
        };
        var command = new Command("explain", "Say what would become of a program's connection, and which rule or setting says so; by the file alone, without what the firewall sets")
        {
            words, config, name,
        };
        command.SetAction(parsed => Explain(parsed.GetRequiredValue(config), parsed.GetRequiredValue(words), parsed.GetValue(name)));
        return command;
    }

    private static int Explain(string file, string[] words, string? name)
    {
        if (!TryDestination(words[^1], out var host, out var port, out var protocol))
        {
            Console.Error.WriteLine($"\"{words[^1]}\" is not a destination such as 131.107.0.21:21/tcp, [2001:db8::21]:443/tcp, www.example.com:53/udp or 131.107.0.21/icmp");
            return 1;
        }

        try
        {
            var options = RedirectorOptionsReader.Read(file, []);
            var program = new ProcessInfo(0, words[0][(words[0].LastIndexOfAny(['/', '\\']) + 1)..], new ControlChannel.Settings.ApplicationName(words[0]).IsPath ? words[0] : null, words.Length > 2 ? words[1] : Environment.UserName, null);
            var isAddress = IPAddress.TryParse(host, out var address);
            foreach (var line in Lines(Rules(options), program, isAddress ? address! : AnyAddress, port, protocol, isAddress ? name : host))
                Console.WriteLine(line);
            return 0;
        }
        catch (ConfigurationException wrong)
        {
            Console.Error.WriteLine(wrong.Message);
            return 1;
        }
    }

    /// <summary>The look-up of the name, where there is one, and the connection.</summary>
    internal static IEnumerable<string> Lines(FlowRules rules, ProcessInfo program, IPAddress address, ushort port, byte protocol, string? name)
    {
        if (name is not null)
            yield return $"name {name}: {(rules.WhyLocal(name) is { } why ? new FlowDecision(FlowVerdict.Local, why) : rules.DecideName(program, name))}";
        yield return $"connection: {rules.Decide(new FlowQuestion(program, protocol, PacketEndpoint.From(address, port), name))}";
    }

    /// <summary>"HOST:PORT/PROTOCOL"; without a protocol TCP, and ICMP has no port.</summary>
    internal static bool TryDestination(string text, out string host, out ushort port, out byte protocol)
    {
        (host, port, protocol) = (text, 0, IpProtocol.Tcp);
        var slash = text.IndexOf('/', StringComparison.Ordinal);
        if (slash >= 0)
        {
            protocol = text[(slash + 1)..].ToUpperInvariant() switch { "TCP" => IpProtocol.Tcp, "UDP" => IpProtocol.Udp, "ICMP" => IpProtocol.Icmp, _ => 0 };
            host = text[..slash];
        }

        var colon = host.LastIndexOf(':');
        // The colons of an IPv6 address stand in brackets where a port follows them (RFC 3986, 3.2.2).
        var hasPort = colon > host.LastIndexOf(']') && colon > 0 && (host[0] == '[' || host.IndexOf(':', StringComparison.Ordinal) == colon)
            && ushort.TryParse(host.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out port);
        if (hasPort)
            host = host[..colon];
        if (host.StartsWith('[') && host.EndsWith(']'))
            host = host[1..^1];
        return protocol != 0 && hasPort == protocol is IpProtocol.Tcp or IpProtocol.Udp && Uri.CheckHostName(host) is UriHostNameType.Dns or UriHostNameType.IPv4 or UriHostNameType.IPv6;
    }

    private static FlowRules Rules(RedirectorOptions options)
    {
        var merged = MergedSettings.OfFile(options);
        IEnumerable<LocalNetwork> near = OperatingSystem.IsWindows() ? new WindowsMachine(TimeProvider.System, NullLoggerFactory.Instance).LocalNetworks()
            : OperatingSystem.IsLinux() ? new LinuxMachine(TimeProvider.System).LocalNetworks() : [];
        // A firewall that is given by name is not looked up here: its control port is of no interest to anybody who asks.
        var controls = options.Firewalls.Where(f => IPAddress.TryParse(f.Host, out _)).Select(f => new IPEndPoint(IPAddress.Parse(f.Host), f.Port));
        return new FlowRules(new LocalDestinations([.. LocalDestinations.Always, .. near, .. merged.LocalAddresses], controls), merged.Rules, ownProcess: -1);
    }
}
