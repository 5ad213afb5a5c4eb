using System.Net;
using Microsoft.Extensions.Logging;

namespace FwRedirect.Redirector.Firewall;

internal static partial class FirewallLog
{
    [LoggerMessage(100, LogLevel.Information, "channel for {Application} of {User} is open; {Firewall} knows it as '{Account}'")]
    public static partial void Opened(ILogger logger, string application, string user, string firewall, string account);

    [LoggerMessage(101, LogLevel.Warning, "no channel for {Application} of {User} to {Endpoint} as {Account}: {Reason}")]
    public static partial void Unavailable(ILogger logger, string application, string user, IPEndPoint endpoint, string account, string reason);

    [LoggerMessage(102, LogLevel.Information, "{User} has logged off: the channel for {Application} is closed")]
    public static partial void LoggedOff(ILogger logger, string user, string application);
}
