using System.Net;
using System.Net.Sockets;
using FwRedirect.ControlChannel.Configuration;
using FwRedirect.ControlChannel.Settings;
using FwRedirect.ControlChannel.Status;
using FwRedirect.ControlChannel.Wire;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging;

namespace FwRedirect.FirewallHost.Configuration;

/// <summary>Turns a configuration file, the environment (prefix FWHOST_) and the command line, the later over the earlier, into options.</summary>
internal static class FirewallOptionsReader
{
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

    private static FirewallOptions Read(ConfigurationRoot root, string file)
    {
        var keys = new ConfigurationKeys(root, file, "fwhost");
        var folder = Path.GetDirectoryName(Path.GetFullPath(file))!;
        var internalAddresses = keys.List<IPAddress>("InternalAddresses", ConfigurationKeys.Address, "an IP address");
        var options = new FirewallOptions
        {
            Name = keys.Text("Name") ?? Environment.MachineName,
            InternalAddresses = internalAddresses,
            ExternalAddress = External("ExternalAddress", AddressFamily.InterNetwork, "an IPv4 address; one of IPv6 is ExternalAddressIPv6"),
            ExternalAddressIPv6 = External("ExternalAddressIPv6", AddressFamily.InterNetworkV6, "an IPv6 address"),
            MoreExternalAddresses = keys.List<IPAddress>("MoreExternalAddresses", ConfigurationKeys.Address, "an IP address"),
            ControlPort = keys.Number("ControlPort", 1745, 1, 65535),
            DataPorts = DataPorts(keys),
            Authentication = keys.Choice("Authentication", AuthenticationMode.Required),
            Encryption = keys.Choice("Encryption", EncryptionMode.Optional),
            DnsServers = keys.List<IPEndPoint>("DnsServers", DnsServer, "an IP address, with a port if it is not 53"),
            LocalAddresses = keys.List<IPNetwork>("LocalAddresses", ConfigurationKeys.Network, "an address or a network such as 192.168.0.0/24"),
            LocalDomains = keys.List<string>("LocalDomains", Domain, "a domain name"),
            Applications = new SettingsReader(keys, Path.GetFileName(file)).Read("Applications"),
            ClientEntriesWin = keys.Value("ClientEntriesWin", true, bool.TryParse, "true or false"),
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
            Texts = root.GetChildren().ToDictionary(child => child.Key, child => string.Join('\n', child.AsEnumerable().Select(e => $"{e.Key}={e.Value}")), StringComparer.OrdinalIgnoreCase),
        };
        CheckTogether(options, keys);
        keys.RefuseUnknown();
        return keys.Errors.Count == 0 ? options : throw new ConfigurationException(keys.Errors);

        IPAddress? External(string key, AddressFamily family, string wanted) => keys.Value<IPAddress?>(
            key, null, (text, out value) => ConfigurationKeys.Address(text, out value!) && value!.AddressFamily == family, wanted);
    }

    private static void CheckTogether(FirewallOptions options, ConfigurationKeys keys)
    {
        new AddressCheck(options, keys).Run();
        if (options.DataPorts?.Contains(options.ControlPort) == true)
            keys.Wrong("DataPorts", $"{options.DataPorts} holds the control port {options.ControlPort}");
        if (options.ForClients.Complaint() is { } tooLarge)
            keys.Wrong("Applications", $"with LocalAddresses and LocalDomains does not fit one packet to the clients: {tooLarge}");
        if (options.Encryption == EncryptionMode.Required)
            keys.Wrong("Encryption", "\"Required\" is not built yet: this version has no TLS on the control channel; use \"Optional\" or \"Off\"");
    }

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
}
