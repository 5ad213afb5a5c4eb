using System.Net;
using FwRedirect.Redirector.Configuration;
using Microsoft.Extensions.Logging;

namespace FwRedirect.Redirector.Firewall;

internal static partial class FirewallLog
{
    [LoggerMessage(100, LogLevel.Information, "channel for {Application} of {User} is open; {Firewall} knows it as '{Account}'")]
    public static partial void Opened(ILogger logger, string application, string user, string firewall, string account);

    [LoggerMessage(101, LogLevel.Warning, "no channel for {Application} of {User} to {Endpoint} as {Account}: {Reason}")]
    public static partial void Unavailable(ILogger logger, string application, string user, KnownFirewall endpoint, string account, string reason);

    [LoggerMessage(150, LogLevel.Information, "settings {Version} of the firewall {Firewall} are in force: {Addresses} local addresses, {Domains} local domains, {Entries} application settings")]
    public static partial void Settings(ILogger logger, string version, string firewall, int addresses, int domains, int entries);

    [LoggerMessage(151, LogLevel.Warning, "the firewall {Firewall} sets something that is left out: {What}")]
    public static partial void SettingLeftOut(ILogger logger, string firewall, string what);

    [LoggerMessage(152, LogLevel.Warning, "the firewall did not tell its settings: {Reason}")]
    public static partial void SettingsFailed(ILogger logger, string reason);

    [LoggerMessage(153, LogLevel.Warning, "the firewall did not tell its settings within {Seconds} s; until it does, the configuration file decides alone")]
    public static partial void SettingsLate(ILogger logger, double seconds);

    [LoggerMessage(102, LogLevel.Information, "{User} has logged off: the channel for {Application} is closed")]
    public static partial void LoggedOff(ILogger logger, string user, string application);

    [LoggerMessage(103, LogLevel.Information, "{Firewall} is at {Addresses} ({Version})")]
    public static partial void Resolved(ILogger logger, FirewallName firewall, string addresses, string version);

    [LoggerMessage(104, LogLevel.Information, "{Firewall} can be reached")]
    public static partial void Reachable(ILogger logger, KnownFirewall firewall);

    [LoggerMessage(105, LogLevel.Warning, "{Firewall} is unreachable: {Reason}")]
    public static partial void Unreachable(ILogger logger, KnownFirewall firewall, string reason);

    [LoggerMessage(106, LogLevel.Warning, "{Firewall} tells an address of its own that can not be used: {Address}")]
    public static partial void UselessAddress(ILogger logger, FirewallName firewall, IPAddress address);
}
