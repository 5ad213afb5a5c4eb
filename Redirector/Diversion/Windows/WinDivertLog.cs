using System.Runtime.Versioning;
using Microsoft.Extensions.Logging;

namespace FwRedirect.Redirector.Diversion.Windows;

[SupportedOSPlatform("windows")]
internal static partial class WinDivertLog
{
    [LoggerMessage(340, LogLevel.Information, "diverting packets that match: {Filter}")]
    public static partial void Diverting(ILogger logger, string filter);

    [LoggerMessage(341, LogLevel.Warning, "a packet waited {Age:F0} ms; after {Limit:F0} ms the driver drops packets without a word")]
    public static partial void Late(ILogger logger, double age, double limit);

    [LoggerMessage(342, LogLevel.Warning, "{Count} packets could not be sent so far; the last one: {Reason}")]
    public static partial void NotSent(ILogger logger, long count, string reason);
}
