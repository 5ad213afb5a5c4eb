using System.Runtime.Versioning;
using Microsoft.Extensions.Logging;

namespace FwRedirect.Redirector.Service.Windows;

[SupportedOSPlatform("windows")]
internal static partial class WindowsMachineLog
{
    [LoggerMessage(400, LogLevel.Information, "diverted: {Filter}")]
    public static partial void Filter(ILogger logger, string filter);

    [LoggerMessage(401, LogLevel.Warning, "{Count} ranges of local addresses have no room in the driver's filter; their packets pass through the redirector and are slower")]
    public static partial void LeftOut(ILogger logger, int count);

    [LoggerMessage(402, LogLevel.Warning, "this system adds no routes; without a default route programs are told \"network unreachable\" before anything can be redirected")]
    public static partial void NoFallbackRoute(ILogger logger);

    [LoggerMessage(403, LogLevel.Information, "the block of WhenNotRunning is set up, and lifted while this runs")]
    public static partial void BlockLifted(ILogger logger);

    [LoggerMessage(404, LogLevel.Warning, "a block of an earlier WhenNotRunning was there and is removed")]
    public static partial void BlockRemoved(ILogger logger);

    [LoggerMessage(405, LogLevel.Warning, "whether a block of an earlier WhenNotRunning stands can not be told: {Reason}")]
    public static partial void BlockUnknown(ILogger logger, string reason);
}
