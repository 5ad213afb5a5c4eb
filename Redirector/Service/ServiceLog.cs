using System.Net;
using FwRedirect.ControlChannel.Session;
using FwRedirect.Redirector.Configuration;
using Microsoft.Extensions.Logging;

namespace FwRedirect.Redirector.Service;

internal static partial class ServiceLog
{
    [LoggerMessage(1, LogLevel.Information, "fwredirect is ready: firewall {Firewall}, when it can not be reached: {Treatment}")]
    public static partial void Ready(ILogger logger, IPEndPoint firewall, UnreachableTreatment treatment);

    [LoggerMessage(2, LogLevel.Information, "fwredirect has stopped")]
    public static partial void Stopped(ILogger logger);

    [LoggerMessage(3, LogLevel.Warning, "an earlier run was killed; cleaned up: {Found}")]
    public static partial void Recovered(ILogger logger, string found);

    [LoggerMessage(4, LogLevel.Information, "local: {Network} ({Source})")]
    public static partial void Local(ILogger logger, IPNetwork network, string source);

    [LoggerMessage(10, LogLevel.Information, "local no more: {Network} ({Source})")]
    public static partial void LocalNoMore(ILogger logger, IPNetwork network, string source);

    [LoggerMessage(11, LogLevel.Error, "the local networks have changed and could not be taken over: {Reason}")]
    public static partial void NetworksFailed(ILogger logger, string reason);

    [LoggerMessage(5, LogLevel.Information, "the channel for {Application} ended: {End}")]
    public static partial void ChannelEnded(ILogger logger, string application, SessionEnd end);

    [LoggerMessage(6, LogLevel.Critical, "the thread for {Name} failed")]
    public static partial void ThreadFailed(ILogger logger, string name, Exception failure);

    [LoggerMessage(7, LogLevel.Error, "the periodic work failed; it is tried again in a second")]
    public static partial void TickFailed(ILogger logger, Exception failure);

    [LoggerMessage(8, LogLevel.Error, "{What} could not be undone: {Reason}")]
    public static partial void UndoFailed(ILogger logger, string what, string reason);

    [LoggerMessage(20, LogLevel.Critical, "fwredirect did not start: {Reason}")]
    public static partial void StartFailed(ILogger logger, string reason);

    [LoggerMessage(21, LogLevel.Warning, "the event log can not be written, this file is all there is: {Reason}")]
    public static partial void EventLogFailed(ILogger logger, string reason);
}
