using System.Net;
using FwRedirect.ControlChannel.Configuration;
using FwRedirect.ControlChannel.Status;
using FwRedirect.ControlChannel.Wire;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging;

namespace FwRedirect.FirewallHost.Configuration;

/// <summary>Turns a configuration file, the environment (prefix FWHOST_) and the command line, the later over the earlier, into options.</summary>
internal static class FirewallOptionsReader
{
    /// <summary>Keys of parts that are not there yet: accepted, so that one file serves later versions too, and named in the log at start.</summary>
    private static readonly string[] LaterKeys = ["Applications"];

    /// <exception cref="ConfigurationException">With every mistake there is.</exception>
    public static FirewallOptions Read(string file, string[] commandLine)
    {
        if (!File.Exists(file))
            throw new ConfigurationException([$"{file}: no such file"]);
        try
        {
            using var root = (ConfigurationRoot)new ConfigurationBuilder()
                .AddJsonFile(Path.GetFullPath(file), optional: false, reloadOnChange: false)
                .AddEnvironmentVariables("FWHOST_")
                .AddCommandLine(commandLine)
                .Build();
            return Read(root, file);
        }
        catch (Exception e) when (e is InvalidDataException or FormatException or IOException or UnauthorizedAccessException)
        {
            throw new ConfigurationException([$"{file}: {e.InnerException?.Message ?? e.Message}"]);
        }
    }

    private static FirewallOptions Read(IConfigurationRoot root, string file)
    {
        var keys = new ConfigurationKeys(root, file, "fwhost");
        var folder = Path.GetDirectoryName(Path.GetFullPath(file))!;
        var internalAddresses = keys.List<IPAddress>("InternalAddresses", ConfigurationKeys.Address, "an IP address");
        var options = new FirewallOptions
        {
            Name = keys.Text("Name") ?? Environment.MachineName,
            InternalAddresses = internalAddresses,
            ExternalAddress = keys.Value("ExternalAddress", IPAddress.None, ConfigurationKeys.Address, "an IP address"),
            ControlPort = keys.Number("ControlPort", 1745, 1, 65535),
            DataPorts = DataPorts(keys),
            Authentication = keys.Choice("Authentication", AuthenticationMode.Required),
            Encryption = keys.Choice("Encryption", EncryptionMode.Optional),
            DnsServers = keys.List<IPEndPoint>("DnsServers", DnsServer, "an IP address, with a port if it is not 53"),
            LocalAddresses = keys.List<IPNetwork>("LocalAddresses", ConfigurationKeys.Network, "an address or a network such as 192.168.0.0/24"),
            LocalDomains = keys.List<string>("LocalDomains", Domain, "a domain name"),
            Rules = new RuleReader(keys).Read("Rules"),
            AccessLog = keys.Text("AccessLog") is { } log ? Path.Combine(folder, log) : null,
            Domain = keys.Text("Domain") ?? "",
            AccountFile = Path.Combine(folder, keys.Text("AccountFile") ?? "accounts"),
            KeepAlive = TimeSpan.FromSeconds(keys.Number("KeepAliveSeconds", 15, 1, 3600)),
            ResumeGrace = TimeSpan.FromSeconds(keys.Number("ResumeGraceSeconds", 45, 0, RwsLimits.ResumeGraceSeconds)),
            Udp = new UdpOptions
            {
                Filtering = keys.Choice("UdpFiltering", DatagramFiltering.AddressDependent),
                Refresh = keys.Choice("UdpRefresh", DatagramRefresh.BothWays),
                Idle = TimeSpan.FromSeconds(keys.Number("UdpIdleSeconds", 300, Limits.ShortestUdpIdle, 86_400)),
                LargestDatagram = keys.Number("UdpDatagramBytes", Limits.Datagram, Limits.SmallestUdpLimit, Limits.Datagram),
            },
            StatusEndpoint = keys.Value<StatusEndpoint?>(
                "StatusEndpoint", StatusEndpoint.Default("fwhost"), (text, out value) => StatusEndpoint.TryParse(text, folder, out value), StatusEndpoint.Wanted),
            LogLevel = keys.Choice("LogLevel", LogLevel.Information),
            Unused = Unused(keys),
        };
        CheckTogether(options, keys);
        keys.RefuseUnknown();
        return keys.Errors.Count == 0 ? options : throw new ConfigurationException(keys.Errors);
    }

    private static void CheckTogether(FirewallOptions options, ConfigurationKeys keys)
    {
        if (options.InternalAddresses.Count == 0 && keys.Errors.TrueForAll(e => !e.Contains("InternalAddresses", StringComparison.Ordinal)))
            keys.Wrong("InternalAddresses", "is missing: the addresses that clients reach");
        foreach (var address in options.InternalAddresses.Where(IsAny))
            keys.Wrong("InternalAddresses", $"{address} stands for every address, the outside ones too: name the inside ones");
        if (keys.Text("ExternalAddress") is null)
            keys.Wrong("ExternalAddress", "is missing: the address that the outside sees");
        else if (IsAny(options.ExternalAddress))
            keys.Wrong("ExternalAddress", $"{options.ExternalAddress} is no address of its own: clients are told which one the outside sees");
        if (options.DataPorts?.Contains(options.ControlPort) == true)
            keys.Wrong("DataPorts", $"{options.DataPorts} holds the control port {options.ControlPort}");
        if (options.Encryption == EncryptionMode.Required)
            keys.Wrong("Encryption", "\"Required\" is not built yet: this version has no TLS on the control channel; use \"Optional\" or \"Off\"");
    }

    private static bool IsAny(IPAddress address) => address.Equals(IPAddress.Any) || address.Equals(IPAddress.IPv6Any);

    private static PortRange? DataPorts(ConfigurationKeys keys) =>
        keys.Value(
            "DataPorts", new PortRange(6789, 6852),
            (text, out value) =>
            {
                value = null!;
                return text.Equals("dynamic", StringComparison.OrdinalIgnoreCase)
                    || (PortRange.TryParse(text, out value!) && value.Count <= Limits.DataPorts);
            },
            $"\"dynamic\" or a range of at most {Limits.DataPorts} ports such as 6789-6852");

    private static bool DnsServer(string text, out IPEndPoint value)
    {
        if (!IPEndPoint.TryParse(text, out value!))
            return false;
        if (value.Port == 0)
            value.Port = 53;
        return true;
    }

    private static bool Domain(string text, out string value)
    {
        value = text.TrimStart('*').Trim('.');
        return value.Length > 0 && Uri.CheckHostName(value) == UriHostNameType.Dns;
    }

    private static List<string> Unused(ConfigurationKeys keys) =>
        [.. LaterKeys.Select(keys.Section).Where(section => section.Value is { Length: > 0 } || section.GetChildren().Any()).Select(section => section.Key)];
}
