using System.Runtime.Versioning;
using FwRedirect.Redirector.Installation;
using FwRedirect.Redirector.Installation.Windows;
using FwRedirect.Redirector.Logging;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.EventLog;

namespace FwRedirect.Redirector.Service.Windows;

/// <summary>
/// Where the Windows service logs. The event log, which is where an administrator looks first and which is small: what the service as a whole says, and every
/// warning. A file beside the configuration: all of it.
/// </summary>
[SupportedOSPlatform("windows")]
internal static class ServiceLogging
{
    public static void Add(ILoggingBuilder logging, string configurationFile, TimeProvider time)
    {
        var file = new FileLoggerProvider(new RolledFile(ServiceLogFile.Beside(configurationFile)), time);
        var own = file.CreateLogger(typeof(ServiceLogging).FullName!);
        var settings = new EventLogSettings { LogName = "Application", SourceName = WindowsServiceControl.ServiceName };
        logging.AddProvider(file);
        logging.AddProvider(new GuardedLoggerProvider(
            new EventLogLoggerProvider(settings), failure => ServiceLog.EventLogFailed(own, failure.Message), time));
        logging.AddFilter<GuardedLoggerProvider>(level => level >= LogLevel.Warning);
        logging.AddFilter<GuardedLoggerProvider>(typeof(RedirectorService).FullName, LogLevel.Information);
    }
}
