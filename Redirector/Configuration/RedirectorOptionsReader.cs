using System.Globalization;
using System.Net;
using FwRedirect.ControlChannel.Configuration;
using FwRedirect.ControlChannel.Settings;
using FwRedirect.ControlChannel.Status;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging;

namespace FwRedirect.Redirector.Configuration;

/// <summary>Turns a configuration file, the environment (prefix FWREDIRECT_) and the command line, the later over the earlier, into options.</summary>
internal static class RedirectorOptionsReader
{
    private const int DefaultControlPort = 1745;

    /// <exception cref="ConfigurationException">With every mistake there is.</exception>
    public static RedirectorOptions Read(string file, string[] commandLine)
    {
        if (!File.Exists(file))
            throw new ConfigurationException([$"{file}: no such file"]);
        try
        {
            using var root = (ConfigurationRoot)new ConfigurationBuilder()
                .AddJsonFile(Path.GetFullPath(file), optional: false, reloadOnChange: false)
                .AddEnvironmentVariables("FWREDIRECT_")
                .AddCommandLine(commandLine)
                .Build();
            return Read(root, file);
        }
        catch (Exception e) when (e is InvalidDataException or FormatException or IOException or UnauthorizedAccessException)
        {
            throw new ConfigurationException([$"{file}: {e.InnerException?.Message ?? e.Message}"]);
        }
    }

    private static RedirectorOptions Read(IConfigurationRoot root, string file)
    {
        var keys = new ConfigurationKeys(root, file, "fwredirect");
        var (host, port) = Firewall(keys);
        var options = new RedirectorOptions
        {
            FirewallHost = host,
            ControlPort = port,
            LocalAddresses = keys.List<IPNetwork>("LocalAddresses", ConfigurationKeys.Network, "an address or a network such as 192.168.0.0/24"),
            LocalDomains = keys.List<string>("LocalDomains", Domain, "a domain such as corp.example, or * for all names"),
            Applications = new SettingsReader(keys, Path.GetFileName(file)).Read("Applications"),
            Rules = new RuleReader(keys, Path.GetFileName(file)).Read("Rules"),
            Credential = Credential(keys, Path.GetDirectoryName(Path.GetFullPath(file))!),
            CredentialUse = keys.Choice("Credentials:For", CredentialUse.Services),
            ServicePrincipalName = keys.Value("ServicePrincipalName", DefaultPrincipal(host), Principal, "a service principal such as HOST/fw.example.com"),
            WhenFirewallUnreachable = keys.Choice("WhenFirewallUnreachable", UnreachableTreatment.Block),
            WhenNotRunning = keys.Choice("WhenNotRunning", NotRunningTreatment.Direct),
            DriverHashes = keys.List<string>("DriverHashes", Hash, "a SHA-256 of 64 hexadecimal digits"),
            Cgroup = keys.Text("Cgroup"),
            StatusEndpoint = keys.Value<StatusEndpoint?>(
                "StatusEndpoint", StatusEndpoint.Default("fwredirect"),
                (text, out value) => StatusEndpoint.TryParse(text, Path.GetDirectoryName(Path.GetFullPath(file))!, out value), StatusEndpoint.Wanted),
            LogLevel = keys.Choice("LogLevel", LogLevel.Information),
        };
        if (options.Credential is null && options.Applications.All.FirstOrDefault(s => s is { Key: SettingKey.ForceCredentials, IsSet: true }) is { } forced)
            keys.Wrong($"Applications:{forced.Application}:{forced.Key}", "there are no Credentials that could be used");
        keys.RefuseUnknown();
        return keys.Errors.Count == 0 ? options : throw new ConfigurationException(keys.Errors);
    }

    private static (string Host, int Port) Firewall(ConfigurationKeys keys)
    {
        if (keys.Text("Firewall") is not { } text)
        {
            keys.Wrong("Firewall", "is missing: name or address of the firewall, such as 192.168.0.1:1745");
            return ("", 0);
        }

        var colon = text.LastIndexOf(':');
        var host = colon < 0 ? text : text[..colon];
        var port = DefaultControlPort;
        var portIsRight = colon < 0 || (int.TryParse(text.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out port) && port is > 0 and <= 65535);
        if (!portIsRight || Uri.CheckHostName(host) is not (UriHostNameType.Dns or UriHostNameType.IPv4))
            keys.Wrong("Firewall", $"\"{text}\" is not a name or IPv4 address with an optional port");
        return (host, port);
    }

    /// <summary>A name that the administrator wrote is to be proved; by an address nobody has a principal.</summary>
    private static string? DefaultPrincipal(string host) => Uri.CheckHostName(host) == UriHostNameType.Dns ? $"HOST/{host}" : null;

    private static bool Principal(string text, out string? value)
    {
        value = text;
        return text.IndexOf('/', StringComparison.Ordinal) is > 0 and var slash && slash < text.Length - 1;
    }

    private static bool Domain(string text, out string value)
    {
        value = text == "*" ? text : text.TrimStart('*').Trim('.');
        return value == "*" || Uri.CheckHostName(value) == UriHostNameType.Dns;
    }

    private static bool Hash(string text, out string value)
    {
        value = text;
        return text.Length == 64 && text.All(char.IsAsciiHexDigit);
    }

    /// <summary>Credentials:User and Credentials:PasswordFile; the password itself stands in no configuration and on no command line.</summary>
    private static NetworkCredential? Credential(ConfigurationKeys keys, string folder)
    {
        var section = keys.Section("Credentials");
        var user = section["User"];
        var passwordFile = section["PasswordFile"];
        foreach (var unknown in section.GetChildren().Where(c => c.Key is not ("User" or "PasswordFile" or "For")))
            keys.Wrong(unknown.Path, "is not a key of fwredirect");
        if (string.IsNullOrEmpty(user) && string.IsNullOrEmpty(passwordFile))
            return null;
        if (string.IsNullOrEmpty(user) || string.IsNullOrEmpty(passwordFile))
        {
            keys.Wrong("Credentials", "both User and PasswordFile are wanted");
            return null;
        }

        var path = Path.Combine(folder, passwordFile);
        try
        {
            var password = File.ReadLines(path).FirstOrDefault() ?? "";
            if (password.Length == 0)
                keys.Wrong("Credentials:PasswordFile", $"{path} has no password in its first line");
            var backslash = user.IndexOf('\\', StringComparison.Ordinal);
            return backslash < 0 ? new NetworkCredential(user, password) : new NetworkCredential(user[(backslash + 1)..], password, user[..backslash]);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            keys.Wrong("Credentials:PasswordFile", $"{path} can not be read: {e.Message}");
            return null;
        }
    }
}
