using System.Runtime.Versioning;
using FwRedirect.Redirector.Installation.Windows;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Hosting.WindowsServices;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace FwRedirect.Redirector.Service.Windows;

/// <summary>
/// The host as a Windows service, with two things that the library's own does not do: the service control manager hears "running" only when the service
/// diverts, and of a start that failed it hears the step, as a service-specific exit code that "sc query" shows.
/// </summary>
[SupportedOSPlatform("windows")]
internal sealed unsafe class ScmLifetime : WindowsServiceLifetime
{
    /// <summary>Asked for again while the start goes on: without a sign of life for this long services.msc calls it hung.</summary>
    private static readonly TimeSpan SignOfLife = TimeSpan.FromSeconds(20);

    private readonly ManualResetEventSlim _started = new();

    public ScmLifetime(
        IHostEnvironment environment, IHostApplicationLifetime application, ILoggerFactory loggers, IOptions<HostOptions> host, IOptions<WindowsServiceLifetimeOptions> service)
        : base(environment, application, loggers, host, service)
    {
        AutoLog = false; // "Service started successfully.": ours say more
        application.ApplicationStarted.Register(_started.Set);
    }

    /// <summary>Tells the service control manager that the start failed. The process is to end right after.</summary>
    public void Fail(StartStep step)
    {
        var status = new ServiceStatusProcess
        {
            ServiceType = ServiceControlNative.OwnProcess,
            CurrentState = ServiceControlNative.StateStopped,
            Win32ExitCode = ServiceControlNative.ErrorServiceSpecific,
            ServiceSpecificExitCode = (uint)step,
        };
        // Refused: then the process's end is all that it hears, and that is a failure too.
        ServiceControlNative.SetStatus(ServiceHandle, &status);
    }

    protected override void OnStart(string[] args)
    {
        base.OnStart(args);
        do
        {
            RequestAdditionalTime(SignOfLife * 2);
        }
        while (!_started.Wait(SignOfLife)); // a failed start never sets it: its process ends
    }

    protected override void Dispose(bool disposing)
    {
        base.Dispose(disposing);
        // Not the event: a start that failed still waits on it.
    }
}
