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
        var options = new RedirectorOptions
        {
            File = Path.GetFileName(file),
            Firewalls = Firewalls(keys),
            KeepAlive = keys.Text("KeepAliveSeconds") is null ? null : TimeSpan.FromSeconds(keys.Number("KeepAliveSeconds", 15, 1, 3600)),
            LocalAddresses = keys.List<IPNetwork>("LocalAddresses", ConfigurationKeys.Network, "an address or a network such as 192.168.0.0/24"),
            LocalDomains = keys.List<string>("LocalDomains", Domain, "a domain such as corp.example, or * for all names"),
            Applications = new SettingsReader(keys, Path.GetFileName(file)).Read("Applications"),
            Rules = new RuleReader(keys, Path.GetFileName(file)).Read("Rules"),
            Credential = Credential(keys, Path.GetDirectoryName(Path.GetFullPath(file))!),
            CredentialUse = keys.Choice("Credentials:For", CredentialUse.Services),
            ServicePrincipalName = keys.Value<string?>("ServicePrincipalName", null, Principal, "a service principal such as HOST/fw.example.com"),
            WhenFirewallUnreachable = keys.Choice("WhenFirewallUnreachable", UnreachableTreatment.Block),
            WhenFirewallHasNoIPv6 = keys.Choice("WhenFirewallHasNoIPv6", NoIPv6Treatment.Block),
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

    /// <summary>One text, or a list of them: the preferred firewall first.</summary>
    private static List<FirewallName> Firewalls(ConfigurationKeys keys)
    {
        var firewalls = keys.List<FirewallName>("Firewall", FirewallName.TryParse, "a name or an address with an optional port, such as fw.example.com, 192.168.0.1:1745 or [2001:db8::1]:1745, no link-local one");
        if (firewalls.Count == 0 && keys.Errors.TrueForAll(e => !e.Contains("Firewall:", StringComparison.Ordinal)))
            keys.Wrong("Firewall", "is missing: name or address of the firewall, such as 192.168.0.1:1745, or a list of them, the preferred first");
        if (firewalls.Select(f => f.Port).Distinct().Count() > 1)
            keys.Wrong("Firewall", "all firewalls of the list have to have the same port");
        if (firewalls.DistinctBy(f => f.Host, StringComparer.OrdinalIgnoreCase).Count() < firewalls.Count)
            keys.Wrong("Firewall", "a firewall stands in the list twice");
        return firewalls;
    }

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
